import { option } from './curl-constants.ts'
import type { Pointer } from './koffi.ts'
import type { Libcurl } from './libcurl.ts'

/** What an option is set to: a text, a number or an address, or bytes that libcurl copies. */
type OptionValue = string | number | Uint8Array

/**
 * The options of a handle, for one transfer after another.
 *
 * They are gathered first and then applied at once. The handle is reset before, so that nothing is left of the transfer
 * before; with one exception: when that one had set the very same options, all of them from a short list of harmless ones,
 * those that have other values now are set, which comes to the same.
 */
export class CurlOptions {
  readonly #curl: Libcurl
  readonly #easy: Pointer
  /** Option and value in turn. */
  #wanted: (number | OptionValue)[] = []
  /** What the handle has. */
  #applied: (number | OptionValue)[] = []
  /** Whether all options that are wanted are harmless. */
  #isPlain = true
  /** Whether the handle has nothing but {@link #applied}, and that is harmless. */
  #canKeep = false
  #lines: Pointer = 0
  #linesSource: object | null = null
  #otherLines: Pointer[] = []

  constructor(curl: Libcurl, easy: Pointer) {
    this.#curl = curl
    this.#easy = easy
  }

  /** Forgets what was wanted. */
  begin(): void {
    this.#wanted.length = 0
    this.#isPlain = true
  }

  /** @throws {TypeError} When it holds NUL. */
  setText(which: number, value: string): void {
    if (value.includes('\0')) throw new TypeError(`Option ${which} of libcurl holds a NUL character`)
    this.#want(which, value)
    // Who the proxy is may have to do with credentials.
    if (which === option.proxy && value !== '') this.#isPlain = false
  }

  /** A number, or an address that is good until the transfer is over. */
  setNumber(which: number, value: number): void {
    this.#want(which, value)
  }

  setBytes(which: number, value: Uint8Array): void {
    this.#want(which, value)
  }

  /** A list of lines. */
  setLines(which: number, lines: readonly string[]): void {
    const list = this.#makeList(lines)
    this.#otherLines.push(list)
    this.#want(which, list)
  }

  /** As {@link set}, a list of lines. */
  setLinesNow(which: number, lines: readonly string[]): void {
    const list = this.#makeList(lines)
    this.#otherLines.push(list)
    this.set(which, list)
  }

  /** The lines of the head; those of `source`, when they were made of it already. */
  setHead(source: object | null, lines: () => readonly string[]): void {
    if (source === null || this.#linesSource !== source) {
      this.#curl.listFree(this.#lines)
      this.#lines = this.#makeList(lines())
      this.#linesSource = source
    }
    this.#want(option.httpHeader, this.#lines)
  }

  /**
   * Gives the handle what is wanted, and nothing else.
   *
   * @param afterReset Sets what every transfer needs.
   * @param mayKeep Whether the handle may be one that was not reset.
   * @throws {TypeError} When libcurl does not take an option.
   */
  apply(afterReset: () => void, mayKeep: boolean): void {
    const wanted = this.#wanted
    const applied = this.#applied
    const keeps = this.#canKeep && this.#isPlain && mayKeep && hasSameOptions(wanted, applied)
    this.#canKeep = false
    if (!keeps) {
      this.#curl.easyReset(this.#easy)
      afterReset()
    }
    for (let i = 0; i < wanted.length; i += 2)
      if (!keeps || wanted[i + 1] !== applied[i + 1]) this.set(wanted[i] as number, wanted[i + 1]!)
    this.#wanted = applied
    this.#applied = wanted
    this.#canKeep = this.#isPlain && mayKeep
  }

  /**
   * Sets an option at once. To be followed by a reset.
   *
   * @throws {TypeError} When libcurl does not take it.
   */
  set(which: number, value: OptionValue): void {
    const curl = this.#curl
    let code: number
    if (typeof value === 'string') code = curl.setText(this.#easy, which, value)
    else if (typeof value !== 'number') code = curl.setBytes(this.#easy, which, value)
    else if (which < 10_000) code = curl.setNumber(this.#easy, which, value)
    else if (which < 30_000) code = curl.setPointer(this.#easy, which, value)
    else code = curl.setLarge(this.#easy, which, value)
    if (code !== 0) throw new TypeError(`libcurl refuses option ${which}: ${curl.errorText(code)}`)
  }

  /** The next transfer must not find anything of this one, which is to be applied yet. */
  forbidKeeping(): void {
    this.#isPlain = false
  }

  /** The transfer is over: gives back what only it has used. */
  release(): void {
    if (this.#otherLines.length === 0) return
    for (const list of this.#otherLines) this.#curl.listFree(list)
    this.#otherLines = []
  }

  destroy(): void {
    this.release()
    this.#curl.listFree(this.#lines)
    this.#lines = 0
  }

  #want(which: number, value: OptionValue): void {
    this.#wanted.push(which, value)
    if (!harmless.has(which)) this.#isPlain = false
  }

  #makeList(lines: readonly string[]): Pointer {
    let list: Pointer = 0
    for (const line of lines) {
      // One byte a character, as fields are sent everywhere else.
      list = this.#curl.listAppend(list, Buffer.from(`${line}\0`, 'latin1'))
    }
    return list
  }
}

function hasSameOptions(some: readonly unknown[], others: readonly unknown[]): boolean {
  if (some.length !== others.length) return false
  for (let i = 0; i < some.length; i += 2) if (some[i] !== others[i]) return false
  return true
}

/** Options that can be set anew without a trace of what they were. A method, a body or a name of somebody is none of them. */
const harmless: ReadonlySet<number> = new Set([
  option.url,
  option.proxy,
  option.httpHeader,
  option.timeoutMs,
  option.connectTimeoutMs,
  option.maxAgeConnection,
  option.ipResolve,
])
