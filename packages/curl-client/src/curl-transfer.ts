import { HTTPStreamClosedError } from '@tornado-ts/httpclient'
import type { CurlExchange } from './curl-exchange.ts'
import { register, touch, unregister, type CurlMulti } from './curl-multi.ts'
import { info, option, pause, result } from './curl-constants.ts'
import { CurlOptions } from './curl-options.ts'
import type { NativeMemory, Pointer } from './koffi.ts'
import type { Libcurl } from './libcurl.ts'

/**
 * A handle of libcurl, used for one exchange after another; nothing of one is left for the next.
 *
 * What libcurl gives is kept here until it has returned. The head is written by libcurl into memory of C's `open_memstream`,
 * so that a response costs no call of JavaScript for each of its lines.
 */
export class CurlTransfer {
  readonly easy: Pointer
  readonly id: number
  readonly options: CurlOptions
  /** How the transfer ended (`CURLE_…`), or -1. */
  result = -1
  readonly #curl: Libcurl
  readonly #multi: CurlMulti
  /** Text of the last error, 256 bytes; then pointer and size of the head; then a time. */
  readonly #memory: NativeMemory
  readonly #errorText: Buffer
  readonly #headPlace: BigUint64Array
  readonly #headFile: Pointer
  readonly #time: Float64Array

  #exchange: CurlExchange | null = null
  /** The head, when it has to be looked at while it comes; else `null`. */
  #lines: Buffer[] | null = null
  /** Of the status line that has come last. */
  #status = 0
  #stopsAtRefusal = false
  #refused = false
  #chunks: Buffer[] = []
  #waitingSize = 0
  #receivedSize = 0
  #touched = false
  #paused = false
  #maxBodySize = Infinity
  #closedSockets = -1
  /** Whether libcurl has the handle. */
  #begun = false

  readonly #uploads: { chunk: Uint8Array; at: number; taken: () => void; lost: (error: Error) => void }[] = []
  #uploading = false
  #uploadEnded = false
  #uploadPaused = false

  constructor(multi: CurlMulti) {
    const { curl } = multi
    this.#curl = curl
    this.#multi = multi
    this.easy = curl.easyInit()
    this.#memory = spare.pop() ?? curl.allocate(errorSize + 24)
    const { pointer, memory } = this.#memory
    this.#errorText = Buffer.from(memory, 0, errorSize)
    this.#headPlace = new BigUint64Array(memory, errorSize, 2)
    this.#time = new Float64Array(memory, errorSize + 16, 1)
    this.#headFile = curl.openMemory(pointer + errorSize, pointer + errorSize + 8)
    this.options = new CurlOptions(curl, this.easy)
    multi.add(this.easy, this)
    this.id = register(this)
  }

  /** Whether a body that was received is more than is allowed. */
  get overflowed(): boolean {
    return this.#receivedSize > this.#maxBodySize
  }

  /** Whether the server did not want the body (417): nothing of the response after its head was read. */
  get refused(): boolean {
    return this.#refused
  }

  /** For the next exchange, whose options are to be set now. */
  use(exchange: CurlExchange, maxBodySize: number): void {
    this.#exchange = exchange
    this.#maxBodySize = maxBodySize
    this.#errorText[0] = 0
    this.#lines = null
    this.#status = 0
    this.#stopsAtRefusal = false
    this.#refused = false
    this.#curl.rewind(this.#headFile)
    this.options.begin()
  }

  /** Gives the handle its options: those that were set since {@link use}, and those that every transfer has. */
  applyOptions(): void {
    const multi = this.#multi
    // A connection that had died may have been tried again, which libcurl counts until the next reset.
    const mayKeep = this.#closedSockets === multi.closedSockets && !multi.isLogged
    this.#closedSockets = multi.closedSockets
    this.options.apply(this.#setCommon, mayKeep)
  }

  readonly #setCommon = (): void => {
    const { easy } = this
    const curl = this.#curl
    curl.setPointer(easy, option.errorBuffer, this.#memory.pointer)
    if (this.#lines === null) {
      curl.setPointer(easy, option.headerFunction, curl.fileWrite)
      curl.setPointer(easy, option.headerData, this.#headFile)
    } else this.#multi.prepareHead(easy, this.id)
    this.#multi.prepare(easy, this.id)
    if (this.#uploading) this.#multi.prepareUpload(easy, this.id)
  }

  begin(): void {
    this.#begun = true
    this.#multi.begin(this.easy)
  }

  /** Ends the exchange, if it is not over, and makes the handle ready for the next. */
  release(): void {
    if (this.#begun) this.#multi.end(this.easy, this.result !== result.ok)
    this.#begun = false
    this.#exchange = null
    this.result = -1
    this.#touched = false
    this.#chunks = []
    this.#waitingSize = 0
    this.#receivedSize = 0
    this.#paused = false
    // Whoever makes the body may hold a file, which it lets go when it hears of the end.
    for (const { lost } of this.#uploads.splice(0)) lost(new HTTPStreamClosedError('The request is over'))
    this.#uploadEnded = false
    this.#uploadPaused = false
    this.#uploading = false
    this.options.release()
  }

  /** Gives everything back to the system. */
  destroy(): void {
    this.release()
    const curl = this.#curl
    curl.easyCleanup(this.easy)
    curl.closeFile(this.#headFile)
    // Made by open_memstream for its user to free.
    curl.freeMemory(Number(this.#headPlace[0]!))
    this.options.destroy()
    this.#multi.forgetTransfer(this.easy)
    unregister(this.id)
    spare.push(this.#memory)
  }

  /** One of {@link info}; 0 when libcurl does not know it. */
  time(which: number): number {
    return this.#curl.getTime(this.easy, which, this.#memory.pointer + errorSize + 16) === 0
      ? this.#time[0]!
      : 0
  }

  /** Whether there is a connection, and the request is being sent. */
  get connected(): boolean {
    return this.time(info.preTransfer) > 0
  }

  /** Whether libcurl has taken all of a request whose body has so many bytes; of one that is made while it is sent, all of it. */
  hasSent(bodySize: number): boolean {
    if (!this.connected) return false
    return this.#uploading
      ? this.#uploadEnded && this.#uploads.length === 0
      : bodySize === 0 || this.time(info.uploadedSize) >= bodySize
  }

  /** Why libcurl gave up, in its words. */
  errorText(code: number): string {
    const end = this.#errorText.indexOf(0)
    return end > 0 ? this.#errorText.toString('utf8', 0, end) : this.#curl.errorText(code)
  }

  /** Hands the head on as soon as it has come: else it waits for the body, or for the end. */
  watchHead(): void {
    this.#lines = []
    this.options.forbidKeeping()
  }

  /** Stops at a 417: libcurl would send the request again, and again. */
  watchForRefusal(): void {
    this.watchHead()
    this.#stopsAtRefusal = true
  }

  /** From libcurl: a line of the head. */
  takeLine(data: Pointer, size: number): number {
    const line = Buffer.allocUnsafe(size)
    this.#curl.copyOut(line, data, size)
    this.#lines?.push(line)
    const text = line.toString('latin1')
    const status = statusLine.exec(text)
    if (status !== null) this.#status = Number(status[1])
    if (text.trim() !== '') return size
    this.#refused = this.#stopsAtRefusal && this.#status === 417
    if (this.#refused) return 0
    const exchange = this.#exchange
    if (exchange === null || !exchange.isFinal(this.#status)) return size
    if (!exchange.headIsGood()) return 0
    this.#touch()
    return size
  }

  #touch(): void {
    if (this.#touched) return
    this.#touched = true
    touch(this)
  }

  /** All lines of heads and trailers that have come, from an offset on. */
  headFrom(offset: number): Buffer {
    if (this.#lines !== null) return Buffer.concat(this.#lines).subarray(offset)
    this.#curl.flush(this.#headFile)
    const size = Number(this.#headPlace[1]) - offset
    if (size <= 0) return noBytes
    const head = Buffer.allocUnsafe(size)
    this.#curl.copyOut(head, Number(this.#headPlace[0]!) + offset, size)
    return head
  }

  /** From libcurl: a piece of the body. */
  take(data: Pointer, size: number): number {
    const exchange = this.#exchange
    if (exchange === null || !exchange.headIsGood()) return 0
    if (this.#waitingSize > maxWaitingSize || exchange.isBusy) {
      this.#paused = true
      return pause
    }
    this.#receivedSize += size
    if (this.overflowed) return 0
    const chunk = size < 4096 ? Buffer.allocUnsafe(size) : Buffer.allocUnsafeSlow(size)
    this.#curl.copyOut(chunk, data, size)
    this.#chunks.push(chunk)
    this.#waitingSize += size
    this.#touch()
    return size
  }

  /** Something came: the exchange may have it now, unless it was ended meanwhile by someone who got his before. */
  deliver(): void {
    if (!this.#touched) return
    this.#touched = false
    // Of a body that was refused libcurl takes no more, but does not end either while it is paused.
    if (this.#status >= 400) this.#resumeUpload()
    this.#exchange?.deliver()
  }

  /** The next piece of the body, or `null`. */
  nextChunk(): Buffer | null {
    const chunk = this.#chunks.shift()
    if (chunk === undefined) return null
    this.#waitingSize -= chunk.length
    return chunk
  }

  /** What has come and was not handed on; it is the caller's now. */
  takeChunks(): Buffer[] {
    const chunks = this.#chunks
    this.#chunks = []
    this.#waitingSize = 0
    return chunks
  }

  /** Everything that came was handed on: libcurl may give more. */
  goOn(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#multi.resume(this.easy)
  }

  /** The transfer is over, and {@link result} says how; unless the exchange was ended meanwhile, likewise. */
  ended(): void {
    if (this.result !== -1) this.#exchange?.transferEnded(this.result)
  }

  /** It will ask for a body. */
  prepareUpload(): void {
    this.#uploading = true
    this.options.forbidKeeping()
  }

  /** Sends a piece of the body; resolves when libcurl has taken it, and rejects when it never will. */
  upload(chunk: Uint8Array): Promise<void> {
    if (chunk.length === 0) return Promise.resolve()
    return new Promise((taken, lost) => {
      this.#uploads.push({ chunk, at: 0, taken, lost })
      this.#resumeUpload()
    })
  }

  endUpload(): void {
    this.#uploadEnded = true
    this.#resumeUpload()
  }

  #resumeUpload(): void {
    if (!this.#uploadPaused) return
    this.#uploadPaused = false
    this.#multi.resume(this.easy)
  }

  /** From libcurl: asks for a piece of the body. */
  give(into: Pointer, room: number): number {
    const next = this.#uploads[0]
    if (next === undefined) {
      if (this.#uploadEnded) return 0
      this.#uploadPaused = true
      return pause
    }
    const { chunk, at, taken } = next
    const size = Math.min(room, chunk.length - at)
    this.#curl.copyIn(into, chunk.subarray(at, at + size), size)
    next.at += size
    if (next.at === chunk.length) {
      this.#uploads.shift()
      taken()
    }
    return size
  }
}

/** Memory of handles that are gone. */
const spare: NativeMemory[] = []
const statusLine = /^HTTP\/[0-9.]+ ([0-9]{3})/
const noBytes: Buffer = Buffer.alloc(0)
const errorSize = 256
/** What libcurl may give before it has to wait for it to be taken. */
const maxWaitingSize = 262_144
