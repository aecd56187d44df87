import { describe, expect, it } from 'vitest'
import { formatIPv6, parseIPv6 } from './ip-address.ts'
import { ProxyHeaderDecoder, type ProxyHeader } from './proxy-header.ts'

const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex')

/** A version 2 header of this command and family, with this body. */
function binary(command: number, family: number, body: Buffer): Buffer {
  const fixed = Buffer.from([command, family, body.length >> 8, body.length & 255])
  return Buffer.concat([signature, fixed, body])
}

function decode(bytes: Uint8Array): { header: ProxyHeader | null; rest: string } {
  const decoder = new ProxyHeaderDecoder()
  decoder.receive(bytes)
  return { header: decoder.next(), rest: decoder.remainder().toString('latin1') }
}

const tcp4 = Buffer.from('c0000201c0000202138801bb', 'hex')
const tcp6 = Buffer.from(
  '20010db8000000000000000000000001' + '20010db8000000000000000000000002' + '138801bb',
  'hex',
)

const headers: readonly [name: string, bytes: Buffer, expected: ProxyHeader][] = [
  [
    'TCP4 as text',
    Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 5000 443\r\n'),
    {
      version: 1,
      source: { family: 'IPv4', address: '192.0.2.1', port: 5000 },
      destination: { family: 'IPv4', address: '192.0.2.2', port: 443 },
      extensions: [],
    },
  ],
  [
    'TCP6 as text',
    Buffer.from('PROXY TCP6 2001:DB8:0:0:0:0:0:1 ::ffff:192.0.2.2 0 65535\r\n'),
    {
      version: 1,
      source: { family: 'IPv6', address: '2001:db8::1', port: 0 },
      destination: { family: 'IPv6', address: '::ffff:c000:202', port: 65_535 },
      extensions: [],
    },
  ],
  [
    'UNKNOWN as text',
    Buffer.from('PROXY UNKNOWN whatever stands here\r\n'),
    { version: 1, source: null, destination: null, extensions: [] },
  ],
  [
    'TCP4 in binary, with extensions',
    binary(0x21, 0x11, Buffer.concat([tcp4, Buffer.from('0200046e616d65' + '040000', 'hex')])),
    {
      version: 2,
      source: { family: 'IPv4', address: '192.0.2.1', port: 5000 },
      destination: { family: 'IPv4', address: '192.0.2.2', port: 443 },
      extensions: [
        { type: 2, value: Buffer.from('name') },
        { type: 4, value: Buffer.alloc(0) },
      ],
    },
  ],
  [
    'TCP6 in binary',
    binary(0x21, 0x21, tcp6),
    {
      version: 2,
      source: { family: 'IPv6', address: '2001:db8::1', port: 5000 },
      destination: { family: 'IPv6', address: '2001:db8::2', port: 443 },
      extensions: [],
    },
  ],
  [
    'a connection of the proxy itself',
    binary(0x20, 0x11, tcp4),
    { version: 2, source: null, destination: null, extensions: [] },
  ],
  [
    'no addresses',
    binary(0x21, 0x00, Buffer.alloc(0)),
    { version: 2, source: null, destination: null, extensions: [] },
  ],
  [
    'Unix sockets',
    binary(0x21, 0x31, Buffer.alloc(216)),
    { version: 2, source: null, destination: null, extensions: [] },
  ],
]

describe('ProxyHeaderDecoder', () => {
  it.each(headers)('reads %s, and leaves what follows', (_name, bytes, expected) => {
    expect(decode(Buffer.concat([bytes, Buffer.from('\r\nGET /')]))).toEqual({
      header: expected,
      rest: '\r\nGET /',
    })
    expect(decode(bytes)).toEqual({ header: expected, rest: '' })
  })

  it.each(headers)('gives the same for %s however the bytes are split', (_name, bytes, expected) => {
    const byByte = new ProxyHeaderDecoder()
    for (const byte of bytes) {
      expect(byByte.next()).toBeNull()
      byByte.receive(Uint8Array.of(byte))
    }
    expect(byByte.next()).toEqual(expected)
    for (let at = 1; at < bytes.length; at++) {
      const decoder = new ProxyHeaderDecoder()
      decoder.receive(bytes.subarray(0, at))
      expect(decoder.next()).toBeNull()
      decoder.receive(bytes.subarray(at))
      expect(decoder.next()).toEqual(expected)
    }
  })

  it('refuses what cannot become a header as soon as it can be seen', () => {
    const refused: readonly (string | Buffer)[] = [
      'G',
      'PROXX',
      'proxy ',
      '\r\n\r\n\0\r\nQUIU',
      'PROXY \r\n',
      'PROXY TCP4\r\n',
      'PROXY TCP5 192.0.2.1 192.0.2.2 1 2\r\n',
      'PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n',
      'PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \r\n',
      'PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n',
      'PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n',
      'PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\n',
      'PROXY TCP4 192.0.2.256 192.0.2.2 1 2\r\n',
      'PROXY TCP4 192.0.2 192.0.2.2 1 2\r\n',
      'PROXY TCP4 ::1 ::2 1 2\r\n',
      'PROXY TCP6 192.0.2.1 ::2 1 2\r\n',
      'PROXY TCP6 ::g ::2 1 2\r\n',
      'PROXY TCP6 fe80::1%lo ::2 1 2\r\n',
      'PROXY TCP4 192.0.2.1 192.0.2.2 65536 2\r\n',
      'PROXY TCP4 192.0.2.1 192.0.2.2 +1 2\r\n',
      'PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n',
      'PROXY TCP4 192.0.2.1 192.0.2.2 1 -2\r\n',
      `PROXY UNKNOWN ${'x'.repeat(92)}\r\n`,
      `PROXY UNKNOWN ${'x'.repeat(93)}`,
      binary(0x31, 0x11, tcp4),
      binary(0x22, 0x11, tcp4),
      binary(0x21, 0x41, tcp4),
      binary(0x21, 0x11, tcp4.subarray(1)),
      binary(0x21, 0x21, tcp6.subarray(1)),
      binary(0x21, 0x31, Buffer.alloc(215)),
      binary(0x21, 0x11, Buffer.concat([tcp4, Buffer.from('04', 'hex')])),
      binary(0x21, 0x11, Buffer.concat([tcp4, Buffer.from('04000200', 'hex')])),
      binary(0x21, 0x00, Buffer.alloc(4096)).subarray(0, 16),
      Buffer.concat([signature, Buffer.from('2111ffff', 'hex')]),
    ]
    for (const bytes of refused) {
      expect(() => decode(Buffer.from(bytes as string, 'latin1')), String(bytes)).toThrow(
        expect.objectContaining({ name: 'ProxyProtocolError' }) as Error,
      )
    }
  })

  it('the longest line and the largest header there may be are taken', () => {
    const line = `PROXY UNKNOWN ${'x'.repeat(91)}\r\n`
    expect(line.length).toBe(107)
    expect(decode(Buffer.from(line)).header).toMatchObject({ source: null })
    const extension = Buffer.concat([Buffer.from('040fed', 'hex'), Buffer.alloc(4077)])
    const whole = binary(0x21, 0x00, extension)
    expect(whole.length).toBe(4096)
    expect(decode(whole).header!.extensions[0]!.value.length).toBe(4077)
    const small = new ProxyHeaderDecoder({ maxHeaderSize: 20 })
    small.receive(binary(0x21, 0x11, tcp4).subarray(0, 16))
    expect(() => small.next()).toThrow('PROXY header of 28 bytes is larger than 20')
  })
})

describe('IPv6 addresses', () => {
  it('are read in all their forms and written in one (RFC 5952)', () => {
    const forms: Record<string, string> = {
      '::': '::',
      '::1': '::1',
      '1::': '1::',
      '2001:DB8:0:0:1:0:0:1': '2001:db8::1:0:0:1',
      '2001:db8:0:1:1:1:1:1': '2001:db8:0:1:1:1:1:1',
      '0:0:1::': '0:0:1::',
      '1:2:3:4:5:6:7:8': '1:2:3:4:5:6:7:8',
      '::ffff:192.0.2.1': '::ffff:c000:201',
      '1:2:3:4:5:6:1.2.3.4': '1:2:3:4:5:6:102:304',
      '01:002:0003::': '1:2:3::',
    }
    for (const [text, canonical] of Object.entries(forms))
      expect(formatIPv6(parseIPv6(text)!)).toBe(canonical)
  })

  it('are told from what is none', () => {
    for (const text of [
      '',
      ':',
      ':::',
      '1',
      '1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:8:9',
      '1::2::3',
      '1:2:3:4:5:6:7::8',
      '12345::',
      'g::',
      '::1.2.3',
      '::1.2.3.256',
      '1.2.3.4::',
      '1.2.3.4',
      ':1:2:3:4:5:6:7',
      '1:2:3:4:5:6:7:',
      '1:2:3:4:5:6:7:1.2.3.4',
    ]) {
      expect(parseIPv6(text), text).toBeNull()
    }
  })
})
