import {
  encodeFrame,
  encodeMaskedFrame,
  MessageDecoder,
  opcode,
  type DecoderRules,
} from '@tornado-ts/websocket'

/** What a run has seen. */
export interface FuzzResult {
  readonly frames: number
  readonly messages: number
  /** Runs that ended in a protocol error, by its code. */
  readonly errors: Readonly<Record<number, number>>
}

/**
 * Feeds decoders with frames, some of them damaged, until there were `frameCount`: once whole and once in random pieces. Both
 * must tell the same, and what was not damaged must come out as it was sent. Throws when that does not hold.
 */
export function fuzz(frameCount: number, seed: number): FuzzResult {
  const random = generator(seed)
  const errors: Record<number, number> = {}
  let frames = 0
  let messages = 0
  while (frames < frameCount) {
    const runSeed = random(2 ** 32)
    const expectMask = random(2) === 0
    const rules: DecoderRules = { expectMask, maxMessageSize: 20_000, allowCompressed: random(2) === 0 }
    const sent: string[] = []
    const { bytes, count } = makeStream(random, rules, sent)
    const damaged = random(3) === 0
    if (damaged)
      for (let index = random(4); index >= 0; index--) bytes[random(bytes.length)]! ^= 1 << random(8)
    const whole = decode(rules, [Buffer.from(bytes)])
    const pieces = decode(rules, cut(random, Buffer.from(bytes)))
    if (JSON.stringify(whole) !== JSON.stringify(pieces)) {
      throw new Error(
        `Seed ${seed}, run ${runSeed}: pieces decode otherwise: ${describe(whole)} and ${describe(pieces)}`,
      )
    }
    if (!damaged && (whole.error !== null || JSON.stringify(whole.events) !== JSON.stringify(sent))) {
      throw new Error(`Seed ${seed}, run ${runSeed}: decoded otherwise than sent: ${describe(whole)}`)
    }
    if (whole.error !== null) errors[whole.error] = (errors[whole.error] ?? 0) + 1
    frames += count
    messages += whole.events.length
  }
  return { frames, messages, errors }
}

interface Outcome {
  readonly events: readonly string[]
  readonly error: number | null
}

function decode(rules: DecoderRules, pieces: Iterable<Buffer>): Outcome {
  const decoder = new MessageDecoder(rules)
  const events: string[] = []
  try {
    for (const piece of pieces) {
      decoder.receive(piece)
      for (let received = decoder.next(); received !== null; received = decoder.next()) {
        const { data, compressed } = received
        events.push(toEvent(received.opcode, compressed, data))
      }
    }
  } catch (error) {
    const { name, closeCode } = error as { name: string; closeCode: number }
    if (name !== 'WebSocketProtocolError') throw error
    return { events, error: closeCode }
  }
  return { events, error: null }
}

function toEvent(code: number, compressed: boolean, data: string | Buffer): string {
  return `${code} ${compressed} ${typeof data === 'string' ? data : data.toString('hex')}`
}

/** A stream of some frames, and the events that it must give. */
function makeStream(random: Random, rules: DecoderRules, sent: string[]): { bytes: Buffer; count: number } {
  const parts: Buffer[] = []
  const encode = (first: number, payload: Buffer): void => {
    parts.push(
      rules.expectMask ? encodeMaskedFrame(first, payload, random(2 ** 32)) : encodeFrame(first, payload),
    )
  }
  for (let messages = 1 + random(6); messages > 0; messages--) {
    const kind = random(10)
    if (kind === 0 || kind === 1) {
      const payload = randomBytes(random, random(126))
      encode(0x80 | (kind === 0 ? opcode.ping : opcode.pong), payload)
      sent.push(toEvent(kind === 0 ? opcode.ping : opcode.pong, false, payload))
      continue
    }
    const isText = kind < 7
    const compressed = rules.allowCompressed && random(4) === 0
    const payload = isText
      ? Buffer.from(randomText(random, randomSize(random)))
      : randomBytes(random, randomSize(random))
    const code = isText ? opcode.text : opcode.binary
    const first = code | (compressed ? 0x40 : 0)
    const cuts = random(3) === 0 ? random(5) : 0
    let at = 0
    for (let index = 0; index <= cuts; index++) {
      const end = index === cuts ? payload.length : Math.min(payload.length, at + random(payload.length + 1))
      encode((index === 0 ? first : 0) | (index === cuts ? 0x80 : 0), payload.subarray(at, end))
      at = end
      if (index < cuts && random(4) === 0) {
        encode(0x80 | opcode.ping, Buffer.from('between'))
        sent.push(toEvent(opcode.ping, false, Buffer.from('between')))
      }
    }
    sent.push(toEvent(code, compressed, isText && !compressed ? payload.toString() : payload))
  }
  return { bytes: Buffer.concat(parts), count: parts.length }
}

function randomSize(random: Random): number {
  const kind = random(20)
  if (kind === 0) return 126 + random(3_000)
  return kind < 4 ? 90 + random(60) : random(40)
}

function randomBytes(random: Random, size: number): Buffer {
  const bytes = Buffer.allocUnsafe(size)
  for (let index = 0; index < size; index++) bytes[index] = random(256)
  return bytes
}

function randomText(random: Random, size: number): string {
  const alphabet = random(2) === 0 ? ascii : wide
  let text = ''
  for (let index = 0; index < size; index++) text += alphabet[random(alphabet.length)]
  return text
}

function* cut(random: Random, bytes: Buffer): Generator<Buffer> {
  const most = random(3) === 0 ? 3 : 60
  for (let at = 0; at < bytes.length;) {
    const end = at + 1 + random(most)
    yield Buffer.from(bytes.subarray(at, end))
    at = end
  }
}

function describe({ events, error }: Outcome): string {
  return `${JSON.stringify(events).slice(0, 400)} (${error})`
}

/** A whole number below `limit`. */
type Random = (limit: number) => number

/** Pseudo-random numbers (xorshift), the same for the same seed. */
function generator(seed: number): Random {
  let state = (seed | 0) === 0 ? 1 : seed | 0
  return (limit) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return Math.floor(((state >>> 0) / 2 ** 32) * limit)
  }
}

const ascii = 'abc XYZ 0189 {}[]":,'.split('')
const wide = ['a', 'é', 'ß', '€', '한', '\ufffd', '😀', '\u{10ffff}', '\u0000', '\u007f']
