/** Bytes that were to be UTF-8 are not. `cause` is what the decoder said. */
export class UnicodeDecodeError extends Error {
  override readonly name = 'UnicodeDecodeError'

  constructor(size: number, options?: ErrorOptions) {
    super(`Cannot decode ${size} bytes as UTF-8`, options)
  }
}
