/**
 * Received bytes in the order of arrival: appended at one end, searched, and taken from the other.
 *
 * Every operation is linear in the bytes it touches, whatever the sizes of the chunks. Large chunks are kept by
 * reference, so a caller that pushes a chunk must not change it afterwards; small ones are copied together, so a peer
 * that sends a byte at a time costs a byte at a time.
 */
export class ByteQueue {
  /** Chunks not taken yet; those before `#first` are spent. */
  #chunks: Buffer[] = []
  #first = 0
  /** Bytes of the first chunk that are spent. */
  #offset = 0
  #length = 0
  /** The block that small chunks are copied into; its used part is the last element of `#chunks`. */
  #block: Buffer | null = null
  #blockUsed = 0

  /** Bytes in the queue. */
  get length(): number {
    return this.#length
  }

  /** Appends a chunk. An empty one changes nothing. */
  push(chunk: Uint8Array): void {
    const size = chunk.length
    if (size === 0) return
    this.#length += size
    if (size < smallChunkSize && this.#chunks.length > this.#first) this.#pushSmall(chunk)
    else {
      this.#chunks.push(asBuffer(chunk))
      this.#block = null
    }
  }

  /** Puts a chunk back in front of all others, by reference. An empty one changes nothing. */
  unshift(chunk: Uint8Array): void {
    if (chunk.length === 0) return
    if (this.#offset > 0) {
      this.#chunks[this.#first] = this.#chunks[this.#first]!.subarray(this.#offset)
      this.#offset = 0
    }
    this.#length += chunk.length
    if (this.#first > 0) this.#chunks[--this.#first] = asBuffer(chunk)
    else this.#chunks.unshift(asBuffer(chunk))
  }

  /**
   * Takes the first `size` bytes. When they lie in one chunk this is a view of it, without a copy.
   *
   * @throws {RangeError} When the queue holds fewer.
   */
  take(size: number): Buffer {
    this.#checkSize(size)
    if (size === 0) return emptyBuffer
    const first = this.#chunks[this.#first]!
    const end = this.#offset + size
    if (end <= first.length) {
      const bytes = this.#offset === 0 && end === first.length ? first : first.subarray(this.#offset, end)
      this.skip(size)
      return bytes
    }
    const bytes = Buffer.allocUnsafeSlow(size)
    this.takeInto(bytes)
    return bytes
  }

  /** Takes everything. */
  takeAll(): Buffer {
    return this.take(this.#length)
  }

  /** Takes the rest of the first chunk, at most `maxSize` bytes; never copies. Empty when the queue is. */
  takeChunk(maxSize: number = Infinity): Buffer {
    const first = this.#chunks[this.#first]
    if (first === undefined) return emptyBuffer
    return this.take(Math.min(maxSize, first.length - this.#offset))
  }

  /** Moves as many bytes as fit into `target` and answers how many those were. */
  takeInto(target: Uint8Array): number {
    const size = Math.min(target.length, this.#length)
    let copied = 0
    while (copied < size) {
      const first = this.#chunks[this.#first]!
      const end = Math.min(first.length, this.#offset + size - copied)
      target.set(first.subarray(this.#offset, end), copied)
      const step = end - this.#offset
      copied += step
      this.skip(step)
    }
    return size
  }

  /**
   * The first `size` bytes in one piece, left in the queue. Chunks are joined as far as needed, once.
   *
   * @throws {RangeError} When the queue holds fewer.
   */
  peek(size: number): Buffer {
    this.#checkSize(size)
    if (size === 0) return emptyBuffer
    const first = this.#chunks[this.#first]!
    if (this.#offset + size > first.length) this.#join(size)
    return this.#chunks[this.#first]!.subarray(this.#offset, this.#offset + size)
  }

  /**
   * Drops the first `size` bytes.
   *
   * @throws {RangeError} When the queue holds fewer.
   */
  skip(size: number): void {
    this.#checkSize(size)
    this.#length -= size
    let rest = size
    while (rest > 0) {
      const left = this.#chunks[this.#first]!.length - this.#offset
      if (rest < left) {
        this.#offset += rest
        return
      }
      rest -= left
      this.#dropFirst()
    }
  }

  /** The byte at `index`, or -1 beyond the end. */
  at(index: number): number {
    if (index < 0 || index >= this.#length) return -1
    let position = index + this.#offset
    for (let i = this.#first; ; i++) {
      const chunk = this.#chunks[i]!
      if (position < chunk.length) return chunk[position]!
      position -= chunk.length
    }
  }

  /**
   * Where `needle` first begins at or after `from`, or -1.
   *
   * A search that failed may be resumed from `length - needle.length + 1` once more has been pushed.
   */
  indexOf(needle: Uint8Array, from: number = 0): number {
    const needleSize = needle.length
    if (needleSize === 0) return Math.min(from, this.#length)
    /** Position of the current chunk's first byte, counted from the queue's first. */
    let base = -this.#offset
    let i = this.#first
    if (from > this.#length / 2) {
      // A search that is resumed begins near the end: the way there from the first chunk would make it quadratic.
      base = this.#length
      for (i = this.#chunks.length; base > from;) base -= this.#chunks[--i]!.length
    }
    for (; i < this.#chunks.length; i++) {
      const chunk = this.#chunks[i]!
      const start = Math.max(0, from - base, i === this.#first ? this.#offset : 0)
      if (start < chunk.length) {
        const inside = chunk.indexOf(needle, start)
        if (inside !== -1) return base + inside
        for (let at = Math.max(start, chunk.length - needleSize + 1); at < chunk.length; at++) {
          if (this.#matchesAcross(i, at, needle)) return base + at
        }
      }
      base += chunk.length
    }
    return -1
  }

  /** Drops everything. */
  clear(): void {
    this.#chunks = []
    this.#first = 0
    this.#offset = 0
    this.#length = 0
    this.#block = null
  }

  #checkSize(size: number): void {
    if (size >= 0 && size <= this.#length) return
    throw new RangeError(`Cannot take ${size} bytes from a queue of ${this.#length}`)
  }

  #pushSmall(chunk: Uint8Array): void {
    if (this.#block === null || this.#blockUsed + chunk.length > this.#block.length) {
      // Blocks grow with what is queued, so that neither few nor many small chunks waste much.
      this.#block = Buffer.allocUnsafeSlow(Math.min(maxBlockSize, Math.max(smallChunkSize, this.#length)))
      this.#blockUsed = chunk.length
      this.#block.set(chunk)
      this.#chunks.push(this.#block.subarray(0, chunk.length))
      return
    }
    const used = this.#blockUsed
    this.#block.set(chunk, used)
    this.#blockUsed = used + chunk.length
    const last = this.#chunks.length - 1
    const start = used - this.#chunks[last]!.length
    this.#chunks[last] = this.#block.subarray(start, this.#blockUsed)
  }

  /** Joins chunks until the first one holds `size` bytes, and everything if that is cheap to do. */
  #join(size: number): void {
    const joinedSize = this.#length <= 2 * size ? this.#length : size
    const joined = Buffer.allocUnsafeSlow(joinedSize)
    const total = this.#length
    this.takeInto(joined)
    this.#length = total
    if (this.#chunks.length > this.#first && this.#offset > 0) {
      this.#chunks[this.#first] = this.#chunks[this.#first]!.subarray(this.#offset)
    } else if (this.#chunks.length === this.#first) this.#block = null
    this.#offset = 0
    if (this.#first > 0) this.#chunks[--this.#first] = joined
    else this.#chunks.unshift(joined)
  }

  #dropFirst(): void {
    this.#offset = 0
    this.#first++
    if (this.#first === this.#chunks.length) {
      this.#chunks.length = 0
      this.#first = 0
      this.#block = null
    } else if (this.#first >= 64 && this.#first * 2 >= this.#chunks.length) {
      this.#chunks = this.#chunks.slice(this.#first)
      this.#first = 0
    } else this.#chunks[this.#first - 1] = emptyBuffer
  }

  #matchesAcross(chunkIndex: number, at: number, needle: Uint8Array): boolean {
    let index = chunkIndex
    let position = at
    for (const byte of needle) {
      while (position === this.#chunks[index]!.length) {
        position = 0
        if (++index === this.#chunks.length) return false
      }
      if (this.#chunks[index]![position++] !== byte) return false
    }
    return true
  }
}

/** Below this a chunk is copied: the copy costs less than the object that would hold it. */
const smallChunkSize = 512
const maxBlockSize = 64 * 1024
const emptyBuffer: Buffer = Buffer.alloc(0)

function asBuffer(chunk: Uint8Array): Buffer {
  return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}
