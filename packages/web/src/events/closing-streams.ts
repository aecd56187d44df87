/** What ends when its server takes its leave. */
export interface ClosingStream {
  close(): void
}

/** The open streams of each server, found by the signal that fires when it closes. */
const streamsOfServer = new WeakMap<AbortSignal, Set<ClosingStream>>()

/** Closes a stream when `closing` fires; now, if it has. One listener hears it for all of them. */
export function closeWithServer(stream: ClosingStream, closing: AbortSignal): void {
  if (closing.aborted) {
    stream.close()
    return
  }
  let streams = streamsOfServer.get(closing)
  if (streams === undefined) {
    const all = new Set<ClosingStream>()
    streamsOfServer.set(closing, (streams = all))
    closing.addEventListener('abort', () => {
      for (const each of all) each.close()
    })
  }
  streams.add(stream)
}

/** The stream is over: nothing is kept of it. */
export function leaveServer(stream: ClosingStream, closing: AbortSignal): void {
  streamsOfServer.get(closing)?.delete(stream)
}
