// What each side of a WebSocket answers to bytes, case by case (RFC 6455, RFC 7692). Sizes, codes and texts are all here; how
// the bytes are cut is the test's to choose.

/** A peer that sends `bytes`, and what becomes of it. */
export interface Case {
  readonly name: string
  /** What the peer sends. For the role of client it is sent unmasked by the table's builder. */
  readonly frames: readonly FrameSpec[]
  /** The messages that are delivered, in order: text as is, bytes as `hex:…`, pings and pongs as `ping:…` and `pong:…`. */
  readonly delivered: readonly string[]
  /** The close code that is sent back; `null` when the connection stays open. */
  readonly code: number | null | 'empty'
}

/** A frame, or raw bytes in hexadecimal. */
export type FrameSpec =
  | { readonly first: number; readonly payload?: string | Buffer; readonly masked?: 'wrong' }
  | { readonly raw: string; readonly mask?: boolean }

const text = (payload: string | Buffer = ''): FrameSpec => ({ first: 0x81, payload })
const binary = (payload: Buffer): FrameSpec => ({ first: 0x82, payload })
const frame = (first: number, payload: string | Buffer = ''): FrameSpec => ({ first, payload })
const hex = (digits: string): Buffer => Buffer.from(digits.replaceAll(' ', ''), 'hex')
const close = (code: number, reason: string | Buffer = ''): FrameSpec => {
  const payload = Buffer.alloc(2)
  payload.writeUInt16BE(code)
  return { first: 0x88, payload: Buffer.concat([payload, Buffer.from(reason)]) }
}

function* sizes(): Generator<Case> {
  for (const size of [
    0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 31, 32, 63, 64, 95, 96, 97, 124, 125, 126, 127, 128, 129, 255, 256, 1000,
    4096, 65_535, 65_536,
  ]) {
    yield {
      name: `text of ${size} bytes`,
      frames: [text('*'.repeat(size))],
      delivered: ['*'.repeat(size)],
      code: null,
    }
    const bytes = Buffer.from(Array.from({ length: size }, (_, index) => (index * 7) & 0xff))
    yield {
      name: `binary of ${size} bytes`,
      frames: [binary(bytes)],
      delivered: [`hex:${bytes.toString('hex')}`],
      code: null,
    }
  }
}

function* control(): Generator<Case> {
  for (const size of [0, 1, 124, 125]) {
    const payload = 'p'.repeat(size)
    yield {
      name: `ping of ${size} bytes`,
      frames: [frame(0x89, payload)],
      delivered: [`ping:${payload}`],
      code: null,
    }
    yield {
      name: `pong of ${size} bytes`,
      frames: [frame(0x8a, payload)],
      delivered: [`pong:${payload}`],
      code: null,
    }
  }
  for (const first of [0x88, 0x89, 0x8a]) {
    yield {
      name: `control ${first.toString(16)} of 126 bytes`,
      frames: [frame(first, 'x'.repeat(126))],
      delivered: [],
      code: 1002,
    }
    yield {
      name: `control ${first.toString(16)} with a long length`,
      frames: [{ raw: `${first.toString(16)} 7f 0000000000000001`, mask: true }],
      delivered: [],
      code: 1002,
    }
    yield {
      name: `control ${(first & 0x7f).toString(16)} without FIN`,
      frames: [frame(first & 0x7f, 'x')],
      delivered: [],
      code: 1002,
    }
  }
  yield {
    name: 'ten pings',
    frames: Array.from({ length: 10 }, (_, index) => frame(0x89, `ping ${index}`)),
    delivered: Array.from({ length: 10 }, (_, index) => `ping:ping ${index}`),
    code: null,
  }
}

function* reserved(): Generator<Case> {
  for (const bits of [0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70]) {
    for (const code of [0x1, 0x2, 0x8, 0x9, 0xa]) {
      yield {
        name: `reserved bits ${bits.toString(16)} on opcode ${code.toString(16)}`,
        frames: [text('before'), frame(0x80 | bits | code, 'x'), text('after')],
        delivered: ['before'],
        code: 1002,
      }
    }
  }
  for (const code of [3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf]) {
    for (const payload of ['', 'x']) {
      yield {
        name: `opcode ${code.toString(16)} with ${payload.length} bytes`,
        frames: [text('before'), frame(0x80 | code, payload), text('after')],
        delivered: ['before'],
        code: 1002,
      }
    }
  }
}

function* lengths(): Generator<Case> {
  for (const [name, head] of [
    ['16 bits for 0', '81 7e 0000'],
    ['16 bits for 125', '81 7e 007d'],
    ['64 bits for 0', '81 7f 0000000000000000'],
    ['64 bits for 126', '82 7f 000000000000007e'],
    ['64 bits for 65535', '82 7f 000000000000ffff'],
    ['top bit of 64', '82 7f 8000000000000000'],
    ['all ones', '82 7f ffffffffffffffff'],
  ] as const)
    yield { name: `length: ${name}`, frames: [{ raw: head, mask: true }], delivered: [], code: 1002 }
  for (const [name, head] of [
    ['one more than the limit', '82 7f 0000000000100001'],
    ['2^31', '82 7f 0000000080000000'],
    ['2^32', '82 7f 0000000100000000'],
    ['2^53', '82 7f 0020000000000000'],
    ['2^63 - 1', '82 7f 7fffffffffffffff'],
  ] as const)
    yield { name: `length: ${name}`, frames: [{ raw: head, mask: true }], delivered: [], code: 1009 }
  yield {
    name: 'fragments beyond the limit',
    frames: [frame(0x02, Buffer.alloc(600_000)), { raw: '80 7f 0000000000080000', mask: true }],
    delivered: [],
    code: 1009,
  }
  yield {
    name: 'mask of the other role',
    frames: [{ first: 0x81, payload: 'Hello', masked: 'wrong' }],
    delivered: [],
    code: 1002,
  }
  yield {
    name: 'empty frame with the mask of the other role',
    frames: [{ first: 0x81, payload: '', masked: 'wrong' }],
    delivered: [],
    code: 1002,
  }
}

function* fragments(): Generator<Case> {
  yield {
    name: 'two fragments',
    frames: [frame(0x01, 'Hel'), frame(0x80, 'lo')],
    delivered: ['Hello'],
    code: null,
  }
  yield {
    name: 'empty fragments',
    frames: [frame(0x01), frame(0x00), frame(0x80)],
    delivered: [''],
    code: null,
  }
  yield {
    name: 'binary fragments',
    frames: [frame(0x02, hex('01')), frame(0x00, hex('02')), frame(0x80, hex('03'))],
    delivered: ['hex:010203'],
    code: null,
  }
  yield {
    name: 'ping between fragments',
    frames: [frame(0x01, 'a'), frame(0x89, 'p'), frame(0x80, 'b')],
    delivered: ['ping:p', 'ab'],
    code: null,
  }
  yield {
    name: 'pong between fragments',
    frames: [frame(0x01, 'a'), frame(0x8a, 'p'), frame(0x80, 'b')],
    delivered: ['pong:p', 'ab'],
    code: null,
  }
  yield {
    name: 'close between fragments',
    frames: [frame(0x01, 'a'), close(1000), frame(0x80, 'b')],
    delivered: [],
    code: 1000,
  }
  yield {
    name: 'continuation of nothing',
    frames: [frame(0x80, 'x'), text('after')],
    delivered: [],
    code: 1002,
  }
  yield { name: 'continuation of nothing without FIN', frames: [frame(0x00, 'x')], delivered: [], code: 1002 }
  yield {
    name: 'continuation behind a message',
    frames: [text('one'), frame(0x80, 'x')],
    delivered: ['one'],
    code: 1002,
  }
  yield { name: 'text inside text', frames: [frame(0x01, 'a'), text('b')], delivered: [], code: 1002 }
  yield {
    name: 'binary inside text',
    frames: [frame(0x01, 'a'), binary(hex('00'))],
    delivered: [],
    code: 1002,
  }
  yield {
    name: 'a fragment that begins again',
    frames: [frame(0x01, 'a'), frame(0x01, 'b'), frame(0x80, 'c')],
    delivered: [],
    code: 1002,
  }
  for (const count of [3, 10, 200]) {
    const pieces = Array.from({ length: count }, (_, index) =>
      frame(index === 0 ? 0x01 : index === count - 1 ? 0x80 : 0x00, 'é'),
    )
    yield { name: `${count} fragments`, frames: pieces, delivered: ['é'.repeat(count)], code: null }
  }
  yield {
    name: 'a character over two fragments',
    frames: [frame(0x01, hex('e2 82')), frame(0x80, hex('ac'))],
    delivered: ['€'],
    code: null,
  }
  yield {
    name: 'a character over four fragments',
    frames: [frame(0x01, hex('f0')), frame(0x00, hex('9f')), frame(0x00, hex('98')), frame(0x80, hex('80'))],
    delivered: ['😀'],
    code: null,
  }
}

function* utf8(): Generator<Case> {
  for (const valid of [
    '',
    '\u0000',
    'Hello-µ@ßöäüàá-UTF-8!!',
    'κόσμε',
    '\u0080',
    '\u07ff',
    '\u0800',
    '\uffff',
    '\u{10000}',
    '\u{10ffff}',
    '\ufffd',
    '\ufffe',
    '\ud7ff',
    '\ue000',
    'a😀b',
    '\u{1fffe}',
  ])
    yield { name: `text ${JSON.stringify(valid)}`, frames: [text(valid)], delivered: [valid], code: null }
  for (const wrong of [
    '80',
    'bf',
    '8080',
    'c0',
    'c080',
    'c1bf',
    'c2',
    'c241',
    'df',
    'e0',
    'e08080',
    'e09fbf',
    'e0a0',
    'ed',
    'eda080',
    'edb080',
    'edbfbf',
    'ef',
    'efbf',
    'efbf41',
    'f0',
    'f0808080',
    'f08fbfbf',
    'f09080',
    'f4908080',
    'f5808080',
    'f888808080',
    'fc8480808080',
    'fe',
    'ff',
    'feff',
    '41ff42',
    'cebae1bdb9cf83cebcceb5eda080656469746564',
    'cebae1bdb9cf83cebcceb5f4908080656469746564',
  ]) {
    yield { name: `text with ${wrong}`, frames: [text(hex(wrong)), text('after')], delivered: [], code: 1007 }
    const bytes = hex(wrong)
    const middle = Math.ceil(bytes.length / 2)
    yield {
      name: `fragments with ${wrong}`,
      frames: [frame(0x01, bytes.subarray(0, middle)), frame(0x80, bytes.subarray(middle))],
      delivered: [],
      code: 1007,
    }
  }
  yield {
    name: 'binary that is no text',
    frames: [binary(hex('c080ff'))],
    delivered: ['hex:c080ff'],
    code: null,
  }
}

function* closes(): Generator<Case> {
  yield { name: 'close without a code', frames: [frame(0x88), text('after')], delivered: [], code: 'empty' }
  yield { name: 'close with half a code', frames: [frame(0x88, hex('03'))], delivered: [], code: 1002 }
  for (const code of [
    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999,
  ])
    yield {
      name: `close ${code}`,
      frames: [text('before'), close(code, 'why'), text('after')],
      delivered: ['before'],
      code,
    }
  for (const code of [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535])
    yield { name: `close ${code}, which nobody may send`, frames: [close(code)], delivered: [], code: 1002 }
  yield {
    name: 'close with a reason of 123 bytes',
    frames: [close(1000, 'r'.repeat(123))],
    delivered: [],
    code: 1000,
  }
  yield {
    name: 'close with a reason of 124 bytes',
    frames: [close(1000, 'r'.repeat(124))],
    delivered: [],
    code: 1002,
  }
  for (const reason of ['ff', 'c3', 'eda080'])
    yield {
      name: `close with the reason ${reason}`,
      frames: [close(1000, hex(reason))],
      delivered: [],
      code: 1007,
    }
  yield { name: 'two closes', frames: [close(1000), close(1001)], delivered: [], code: 1000 }
  yield { name: 'ping behind a close', frames: [close(1000), frame(0x89, 'x')], delivered: [], code: 1000 }
}

/** All cases; each holds for both roles. */
export const cases: readonly Case[] = [
  ...sizes(),
  ...control(),
  ...reserved(),
  ...lengths(),
  ...fragments(),
  ...utf8(),
  ...closes(),
]

/** Largest message in these cases. */
export const maxMessageSize: number = 1024 * 1024

/** The bytes of a case for the peer of a server (`masked`) or of a client. */
export function encodeCase({ frames }: Case, masked: boolean): Buffer {
  return Buffer.concat(
    frames.map((spec) =>
      'raw' in spec
        ? encodeRaw(spec.raw, masked)
        : encode(spec.first, spec.payload ?? '', spec.masked === 'wrong' ? !masked : masked),
    ),
  )
}

function encodeRaw(digits: string, masked: boolean): Buffer {
  const bytes = hex(digits)
  if (masked) bytes[1] = bytes[1]! | 0x80
  // Whoever waits for the key before he looks at the length finds one.
  return masked ? Buffer.concat([bytes, hex('00000000')]) : bytes
}

function encode(first: number, payload: string | Buffer, masked: boolean): Buffer {
  const bytes = Buffer.from(payload)
  const head =
    bytes.length < 126
      ? [bytes.length]
      : bytes.length < 65_536
        ? [126, bytes.length >> 8, bytes.length & 0xff]
        : [
            127,
            0,
            0,
            0,
            0,
            bytes.length >>> 24,
            (bytes.length >> 16) & 0xff,
            (bytes.length >> 8) & 0xff,
            bytes.length & 0xff,
          ]
  if (!masked) return Buffer.concat([Buffer.from([first, ...head]), bytes])
  const key = [0x37, 0xfa, 0x21, 0x3d]
  head[0] = head[0]! | 0x80
  return Buffer.concat([
    Buffer.from([first, ...head, ...key]),
    bytes.map((byte, index) => byte ^ key[index & 3]!),
  ])
}
