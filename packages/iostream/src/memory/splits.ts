/**
 * Every way to cut a message that matters to a parser: whole, in two at each place, and byte by byte.
 *
 * Each is a list of pieces, as `ScriptedPeer.send` takes it.
 */
export function* splits(message: string | Uint8Array): Generator<Buffer[], void, undefined> {
  const bytes = typeof message === 'string' ? Buffer.from(message, 'latin1') : Buffer.from(message)
  yield [bytes]
  for (let at = 1; at < bytes.length; at++) yield [bytes.subarray(0, at), bytes.subarray(at)]
  yield Array.from(bytes, (_, at) => bytes.subarray(at, at + 1))
}
