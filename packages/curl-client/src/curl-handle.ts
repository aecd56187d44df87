import type { CurlTransfer } from './curl-transfer.ts'
import { toPointer } from './koffi.ts'

/** What an option of libcurl takes: a number, a text, lines, an address, or nothing. */
export type CurlOptionValue = number | string | boolean | readonly string[] | bigint | null

/** The handle that `prepareCurlCallback` gets. It is used for this one request and then thrown away. */
export class CurlHandle {
  readonly #transfer: CurlTransfer

  constructor(transfer: CurlTransfer) {
    this.#transfer = transfer
  }

  /** The `CURL *` itself, for those who bind more of libcurl. Not to be used after the callback. */
  get pointer(): bigint {
    return BigInt(this.#transfer.easy)
  }

  /**
   * Sets an option as `curl_easy_setopt` does. Options that hand libcurl a function, and those that the client needs to
   * see the response by, are not to be changed.
   *
   * @param option Its number, as in `curl.h`: `CURLOPT_TCP_KEEPALIVE` is 213.
   * @throws {TypeError} When the value has the wrong type for the option, or libcurl refuses it.
   */
  setopt(option: number, value: CurlOptionValue): void {
    const transfer = this.#transfer
    const kind = Math.floor(option / 10_000)
    const isNumber = typeof value === 'number' || typeof value === 'boolean'
    if (!Number.isSafeInteger(option) || (kind !== 1 && kind !== 4 && !isNumber) || kind > 4 || kind === 2)
      throw new TypeError(`Option ${option} of libcurl does not take this value`)
    const { options } = transfer
    if (kind === 0 || kind === 3) options.set(option, Number(value))
    else if (typeof value === 'string') {
      if (value.includes('\0')) throw new TypeError(`Option ${option} of libcurl holds a NUL character`)
      options.set(option, value)
    } else if (value === null || typeof value === 'bigint') options.set(option, toPointer(value ?? 0))
    else if (Array.isArray(value)) options.setLinesNow(option, value as readonly string[])
    else throw new TypeError(`Option ${option} of libcurl takes text, lines, an address or null`)
  }
}
