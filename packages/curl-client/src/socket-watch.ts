import { IOLoop } from '@tornado-ts/ioloop'

/** What libcurl asks a socket to be watched for, as bits: `CURL_POLL_IN` and `CURL_POLL_OUT`; it is told the same. */
const input = 1
const output = 2
const failure = 4
/** `CURL_POLL_REMOVE`. */
const none = 4

interface Watched {
  /** What libcurl wants to know. */
  wanted: number
  /** What the loop watches. */
  watched: number
}

/** Watches the sockets of libcurl on the loop. */
export class SocketWatch {
  readonly #loop: IOLoop = IOLoop.current()!
  readonly #onReady: (fd: number, events: number) => void
  readonly #sockets = new Map<number, Watched>()
  /** Those that only {@link forget} ends. Others may be closed without a word once libcurl has lost interest. */
  readonly #owned = new Set<number>()

  constructor(onReady: (fd: number, events: number) => void) {
    this.#onReady = onReady
  }

  own(fd: number): void {
    this.#owned.add(fd)
  }

  /** Follows what libcurl's socket callback says. */
  set(fd: number, what: number): void {
    let socket = this.#sockets.get(fd)
    if (what === none) {
      if (socket === undefined) return
      // A connection between two requests: to watch it on costs nothing, to begin anew would.
      if (this.#owned.has(fd)) socket.wanted = 0
      else this.forget(fd)
      return
    }
    if (socket === undefined) {
      socket = { wanted: what, watched: what }
      this.#loop.addHandler(fd, this.#handle, toLoop(what))
      this.#sockets.set(fd, socket)
      return
    }
    socket.wanted = what
    if (socket.watched === what) return
    socket.watched = what
    this.#loop.updateHandler(fd, toLoop(what))
  }

  /** The descriptor is about to be closed. */
  forget(fd: number): void {
    this.#owned.delete(fd)
    if (this.#sockets.delete(fd)) this.#loop.removeHandler(fd)
  }

  /** Nothing is under way: connections that are kept must not keep the program alive. */
  rest(): void {
    for (const [fd, socket] of this.#sockets) if (socket.wanted === 0) this.#quiet(fd, socket)
  }

  readonly #handle = (fd: number, events: number): void => {
    const socket = this.#sockets.get(fd)
    if (socket === undefined) return
    if (socket.wanted === 0) {
      this.#quiet(fd, socket)
      return
    }
    const isFailure = (events & IOLoop.ERROR) === IOLoop.ERROR
    // After that the loop watches no more.
    if (isFailure) socket.watched = 0
    this.#onReady(
      fd,
      ((events & IOLoop.READ) === 0 || isFailure ? 0 : input) |
        ((events & IOLoop.WRITE) === 0 || isFailure ? 0 : output) |
        (isFailure ? failure : 0),
    )
  }

  #quiet(fd: number, socket: Watched): void {
    if (socket.watched === 0) return
    socket.watched = 0
    this.#loop.updateHandler(fd, 0)
  }
}

function toLoop(what: number): number {
  return ((what & input) === 0 ? 0 : IOLoop.READ) | ((what & output) === 0 ? 0 : IOLoop.WRITE)
}
