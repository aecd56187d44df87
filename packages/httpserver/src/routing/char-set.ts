/** A set of the 256 characters that a request target or a `Host` can hold, one a byte. */
export class CharSet {
  readonly #bits: Uint32Array

  private constructor(bits: Uint32Array) {
    this.#bits = bits
  }

  static readonly none: CharSet = new CharSet(new Uint32Array(8))
  static readonly all: CharSet = CharSet.where(() => true)
  /** What `.` stands for. */
  static readonly dot: CharSet = CharSet.where((char) => char !== '\n' && char !== '\r')

  /** The characters for which `belongs` is true. */
  static where(belongs: (char: string) => boolean): CharSet {
    const bits = new Uint32Array(8)
    for (let code = 0; code < 256; code++) {
      if (belongs(String.fromCharCode(code))) bits[code >> 5]! |= 1 << (code & 31)
    }
    return new CharSet(bits)
  }

  static of(char: string): CharSet {
    const code = char.codePointAt(0) ?? 256
    return code < 256 ? (singles[code] ??= CharSet.#single(code)) : CharSet.none
  }

  static #single(code: number): CharSet {
    const bits = new Uint32Array(8)
    bits[code >> 5] = 1 << (code & 31)
    return new CharSet(bits)
  }

  and(other: CharSet): CharSet {
    return new CharSet(this.#bits.map((bits, i) => bits & other.#bits[i]!))
  }

  or(other: CharSet): CharSet {
    return new CharSet(this.#bits.map((bits, i) => bits | other.#bits[i]!))
  }

  not(): CharSet {
    return new CharSet(this.#bits.map((bits) => ~bits))
  }

  get isEmpty(): boolean {
    return this.#bits.every((bits) => bits === 0)
  }

  meets(other: CharSet): boolean {
    return this.#bits.some((bits, i) => (bits & other.#bits[i]!) !== 0)
  }

  /** Whether every character of `other` is in this set. */
  covers(other: CharSet): boolean {
    return other.#bits.every((bits, i) => (bits & ~this.#bits[i]!) === 0)
  }
}

const singles: CharSet[] = []
