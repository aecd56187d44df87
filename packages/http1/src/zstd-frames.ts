/**
 * Finds where the frames of a zstd body end (RFC 8878 §3.1), without decompressing them.
 *
 * The platform is not of one mind about them: depending on its version the decompressor takes a second frame for junk, or
 * a broken-off one for a whole. Given each frame in writes of its own, and told at the end by {@link complete}, all do the same.
 */
export class ZstdFrames {
  #state: State = 'header'
  /** What has come of a header that says how long it is, and what follows. */
  readonly #header: number[] = []
  #headerSize = 4
  /** Bytes to pass over. */
  #remaining = 0
  #lastBlock = false
  #checksumSize = 0
  #count = 0

  /** Whether the bytes so far are whole frames. */
  get complete(): boolean {
    return this.#state === 'header' && this.#header.length === 0
  }

  /**
   * Cuts received bytes behind each frame that ends in them. What is no frame stays in one piece: the decompressor says
   * what is wrong with it.
   *
   * @throws {RangeError} When there are more than 10,000 frames: each costs far more than its bytes.
   */
  split(chunk: Buffer): Buffer[] {
    const pieces: Buffer[] = []
    let start = 0
    let at = 0
    while (at < chunk.length && this.#state !== 'lost') {
      if (this.#state === 'passing') {
        const size = Math.min(this.#remaining, chunk.length - at)
        at += size
        this.#remaining -= size
      } else this.#header.push(chunk[at++]!)
      if (this.#advance()) {
        pieces.push(chunk.subarray(start, at))
        start = at
      }
    }
    if (start < chunk.length) pieces.push(chunk.subarray(start))
    return pieces
  }

  /** Goes on to the next part if this one is complete; answers whether the frame is. */
  #advance(): boolean {
    const size = this.#header.length
    if (this.#state === 'header' && size === this.#headerSize) this.#readHeader()
    else if (this.#state === 'block' && size === 3) this.#readBlockHeader()
    else if (this.#state === 'skippable' && size === 8) this.#pass(this.#readNumber(4, 4), true)
    return this.#state === 'passing' && this.#remaining === 0 && this.#endPart()
  }

  #readHeader(): void {
    const header = this.#header
    if (this.#headerSize > 5) this.#beginBlock()
    else if (this.#headerSize === 5) {
      const descriptor = header[4]!
      const singleSegment = (descriptor & 0x20) !== 0
      const contentSizeFlag = descriptor >> 6
      const contentSize = contentSizeFlag === 0 ? Number(singleSegment) : 1 << contentSizeFlag
      const dictionarySize = [0, 1, 2, 4][descriptor & 3]!
      this.#checksumSize = (descriptor & 4) === 0 ? 0 : 4
      // There is a window, or else a content size: the rest is never empty.
      this.#headerSize = 5 + Number(!singleSegment) + dictionarySize + contentSize
    } else {
      const magic = this.#readNumber(0, 4)
      if (magic === frameMagic) this.#headerSize = 5
      else this.#state = (magic & 0xfffffff0) >>> 0 === skippableMagic ? 'skippable' : 'lost'
    }
  }

  #beginBlock(): void {
    this.#state = 'block'
    this.#header.length = 0
  }

  #readBlockHeader(): void {
    const header = this.#readNumber(0, 3)
    const runLength = ((header >> 1) & 3) === 1
    this.#pass(runLength ? 1 : header >> 3, (header & 1) !== 0)
  }

  #pass(size: number, last: boolean): void {
    this.#state = 'passing'
    this.#header.length = 0
    this.#remaining = size
    this.#lastBlock = last
  }

  /** A part is passed over: another block follows, the check sum, or the frame is complete. */
  #endPart(): boolean {
    if (!this.#lastBlock) {
      this.#beginBlock()
      return false
    }
    if (this.#checksumSize > 0) {
      this.#remaining = this.#checksumSize
      this.#checksumSize = 0
      return false
    }
    this.#state = 'header'
    this.#headerSize = 4
    if (++this.#count > maxFrameCount) throw new RangeError(`More than ${maxFrameCount} frames`)
    return true
  }

  #readNumber(start: number, size: number): number {
    let number = 0
    for (let i = size - 1; i >= 0; i--) number = number * 256 + this.#header[start + i]!
    return number
  }
}

type State = 'header' | 'block' | 'skippable' | 'passing' | 'lost'

const frameMagic = 0xfd2fb528
const skippableMagic = 0x184d2a50
const maxFrameCount = 10_000
