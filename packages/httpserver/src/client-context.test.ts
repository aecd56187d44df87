import { describe, expect, it } from 'vitest'
import { answerJson } from '../fixtures/delegates.ts'
import { listening } from '../fixtures/listening.ts'
import { RawClient } from '../fixtures/raw-client.ts'
import type { ProxyHeaderOptions } from './client-context.ts'
import { HTTPServer, type HTTPServerOptions } from './http-server.ts'

/** What requests with these fields show, one after the other on a connection. */
async function seen(
  options: HTTPServerOptions,
  ...requests: Readonly<Record<string, string>>[]
): Promise<string[]> {
  await using serving = await listening(
    answerJson(({ protocol, remoteIp }) => `${protocol} ${remoteIp}`),
    options,
  )
  await using client = await RawClient.open(serving.port)
  const results: string[] = []
  for (const fields of requests) results.push(JSON.parse((await client.get('/', fields)).body) as string)
  return results
}

async function ips(options: HTTPServerOptions, name: string, ...values: string[]): Promise<string[]> {
  const results = await seen(options, ...values.map((value) => ({ [name]: value })))
  return results.map((result) => result.split(' ')[1]!)
}

describe('xheaders', () => {
  const xheaders = true

  it('CVE-2026-47674 are not believed by default', async () => {
    const fields = { 'X-Real-Ip': '4.4.4.4', 'X-Forwarded-For': '4.4.4.4', 'X-Scheme': 'https' }
    expect(await seen({}, fields)).toEqual(['http 127.0.0.1'])
  })

  it('B-server-002 the address is the last of X-Forwarded-For', async () => {
    expect(
      await ips({ xheaders }, 'X-Forwarded-For', '4.4.4.4', '127.0.0.2, 4.4.4.4', '2620:0:1cfe:face::1'),
    ).toEqual(['4.4.4.4', '4.4.4.4', '2620:0:1cfe:face::1'])
  })

  it('B-server-002 X-Real-Ip overrides it', async () => {
    expect(await seen({ xheaders }, { 'X-Real-Ip': '4.4.4.4', 'X-Forwarded-For': '5.5.5.5' })).toEqual([
      'http 4.4.4.4',
    ])
    expect(await seen({ xheaders }, { 'X-Real-Ip': 'junk', 'X-Forwarded-For': '5.5.5.5' })).toEqual([
      'http 127.0.0.1',
    ])
  })

  it('B-server-002 what is no literal address is ignored', async () => {
    const junk = [
      '4.4.4.4<script>',
      'www.google.com',
      'unknown',
      '4.4.4',
      '1.2.3.4.5',
      '::g',
      '-',
      '4.4.4.4 5.5.5.5',
    ]
    expect(await ips({ xheaders }, 'X-Real-Ip', ...junk)).toEqual(junk.map(() => '127.0.0.1'))
    expect(await ips({ xheaders }, 'X-Forwarded-For', ...junk)).toEqual(junk.map(() => '127.0.0.1'))
    expect(await ips({ xheaders }, 'X-Forwarded-For', '4.4.4.4, junk')).toEqual(['127.0.0.1'])
  })

  it('a port or brackets are left out', async () => {
    expect(await ips({ xheaders }, 'X-Forwarded-For', '4.4.4.4:5678', '[::2]:80', '[::2]')).toEqual([
      '4.4.4.4',
      '::2',
      '::2',
    ])
  })

  it('CVE-2026-47674 B-server-002 trustedDownstream are skipped from the end', async () => {
    const trustedDownstream = ['5.5.5.5', '10.0.0.0/8', 'fd00::/8']
    expect(
      await ips(
        { xheaders, trustedDownstream },
        'X-Forwarded-For',
        '4.4.4.4, 44.4.4.4, 5.5.5.5',
        '4.4.4.4, 10.1.2.3, fd00::7, 5.5.5.5',
        '6.6.6.6, junk, 5.5.5.5',
        '10.0.0.1, 5.5.5.5',
        '5.5.5.5',
        '4.4.4.4, ',
      ),
    ).toEqual(['44.4.4.4', '4.4.4.4', '127.0.0.1', '10.0.0.1', '5.5.5.5', '4.4.4.4'])
  })

  it('B-server-003 the protocol is the last of X-Scheme, else of X-Forwarded-Proto', async () => {
    const protocols = await seen(
      { xheaders },
      { 'X-Scheme': 'https' },
      { 'X-Forwarded-Proto': 'https' },
      { 'X-Scheme': 'http', 'X-Forwarded-Proto': 'https' },
      { 'X-Forwarded-Proto': 'http, https' },
      { 'X-Scheme': 'https , http' },
      { 'X-Scheme': 'javascript' },
      { 'X-Scheme': 'unknown', 'X-Forwarded-Proto': 'https' },
      { 'X-Scheme': 'HTTPS' },
      { 'X-Scheme': '' },
    )
    expect(protocols.map((each) => each.split(' ')[0])).toEqual([
      'https',
      'https',
      'http',
      'https',
      'http',
      'http',
      'http',
      'http',
      'http',
    ])
  })

  it('B-server-004 do not last beyond their request', async () => {
    expect(
      await seen(
        { xheaders },
        { 'X-Real-Ip': '4.4.4.4', 'X-Scheme': 'https' },
        {},
        { 'X-Real-Ip': '5.5.5.5' },
      ),
    ).toEqual(['https 4.4.4.4', 'http 127.0.0.1', 'http 5.5.5.5'])
  })

  it('names with an underscore are other names', async () => {
    expect(await seen({ xheaders }, { X_Forwarded_For: '4.4.4.4', X_Real_Ip: '4.4.4.4' })).toEqual([
      'http 127.0.0.1',
    ])
  })

  it('may be believed of some peers alone', async () => {
    expect(await ips({ xheaders: ['127.0.0.0/8'] }, 'X-Real-Ip', '4.4.4.4')).toEqual(['4.4.4.4'])
    expect(await ips({ xheaders: ['10.0.0.1', 'unix'] }, 'X-Real-Ip', '4.4.4.4')).toEqual(['127.0.0.1'])
    expect(await ips({ xheaders: [] }, 'X-Real-Ip', '4.4.4.4')).toEqual(['127.0.0.1'])
  })

  it('an idle wish of the client cannot change the protocol option', async () => {
    expect(await seen({ protocol: 'https' }, { 'X-Scheme': 'http' })).toEqual(['https 127.0.0.1'])
    expect(await seen({ protocol: 'https', xheaders }, { 'X-Scheme': 'http' }, {})).toEqual([
      'http 127.0.0.1',
      'https 127.0.0.1',
    ])
  })
})

describe('forwarded', () => {
  const options: HTTPServerOptions = { forwarded: true, trustedDownstream: ['10.0.0.0/8'] }

  it.each([
    ['for=4.4.4.4', 'http 4.4.4.4'],
    ['for=4.4.4.4;proto=https', 'https 4.4.4.4'],
    ['For="[2001:db8::17]:4711";Proto=HTTPS', 'https 2001:db8::17'],
    ['for=6.6.6.6;proto=https, for=4.4.4.4;proto=http, for=10.0.0.1;proto=https', 'http 4.4.4.4'],
    ['for=6.6.6.6, for=unknown;proto=https, for=10.0.0.1', 'https 127.0.0.1'],
    ['for=6.6.6.6, for=_hidden, for=10.0.0.1', 'http 127.0.0.1'],
    ['for=10.0.0.1;proto=https', 'https 10.0.0.1'],
    ['for=10.0.0.2;proto=https, for=10.0.0.1', 'https 10.0.0.2'],
    ['proto=https', 'https 127.0.0.1'],
    ['for=4.4.4.4;proto=gopher', 'http 4.4.4.4'],
    ['for=4.4.4.4;for=5.5.5.5', 'http 127.0.0.1'],
    ['for=4.4.4.4;;broken', 'http 127.0.0.1'],
    ['', 'http 127.0.0.1'],
  ])('RFC 7239: %s is %s', async (header, expected) => {
    expect(await seen(options, { Forwarded: header }, {})).toEqual([expected, 'http 127.0.0.1'])
  })

  it('takes no X- fields, and xheaders no Forwarded', async () => {
    expect(await seen({ forwarded: true }, { 'X-Real-Ip': '4.4.4.4' })).toEqual(['http 127.0.0.1'])
    expect(await seen({ xheaders: true }, { Forwarded: 'for=4.4.4.4' })).toEqual(['http 127.0.0.1'])
  })

  it('may be believed of some peers alone', async () => {
    expect(await seen({ forwarded: ['127.0.0.1'] }, { Forwarded: 'for=4.4.4.4' })).toEqual(['http 4.4.4.4'])
    expect(await seen({ forwarded: ['10.0.0.1'] }, { Forwarded: 'for=4.4.4.4' })).toEqual(['http 127.0.0.1'])
  })
})

describe('bad options', () => {
  const make = (options: ProxyHeaderOptions) => (): unknown => new HTTPServer(() => {}, options)

  it.each(['junk', '1.2.3', '10.0.0.0/33', '::/129', '10.0.0.0/8/8', '10.0.0.0/x', '', 'localhost'])(
    'the address %j',
    (entry) => {
      expect(make({ trustedDownstream: [entry] })).toThrow(RangeError)
      expect(make({ xheaders: [entry] })).toThrow(
        `xheaders holds neither an IP address nor a network: ${entry}`,
      )
      expect(make({ forwarded: [entry] })).toThrow(RangeError)
    },
  )

  it('both kinds of fields', () => {
    expect(make({ xheaders: true, forwarded: true })).toThrow(TypeError)
  })

  it('a protocol that is none', () => {
    expect(() => new HTTPServer(() => {}, { protocol: 'ftp' as 'http' })).toThrow(TypeError)
  })
})
