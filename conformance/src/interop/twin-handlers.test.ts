import { appLog, genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { createSignedValue } from '@tornado-ts/web'
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { pythonTornadoVersion, runPython } from './python.ts'
import { twinApplication } from './twin-handlers.ts'

const nowMs = Date.UTC(2026, 0, 2, 3, 4, 5)
const cookieSecret = 'a secret that both of them know'
const sign = (name: string, value: string, version: number): string =>
  createSignedValue(cookieSecret, name, value, { version, clock: () => nowMs })
const xsrf = '0123456789abcdef0123456789abcdef'
/** SHA-1 of what /hello and /large write. */
const helloTag = 'e02aa1b106d5c7c6a98def2b13005d5b84fd8dc8'
const largeTag = '806dc001f99a112e25f82d86db7f680b19d2dbba'
const boundary = 'xBOUNDARYx'
const multipart = [
  `--${boundary}`,
  'Content-Disposition: form-data; name="a"',
  '',
  ' field ',
  `--${boundary}`,
  'Content-Disposition: form-data; name="f"; filename="n.txt"',
  'Content-Type: text/plain',
  '',
  'one\ntwo\x80',
  `--${boundary}`,
  'Content-Disposition: form-data; name="f"; filename="unnamed type"',
  '',
  '',
  `--${boundary}--`,
  '',
].join('\r\n')

const form = 'Content-Type: application/x-www-form-urlencoded'
const gzip = 'Accept-Encoding: gzip'

interface Twin {
  /** `METHOD path`, `header: value` … */
  readonly name: string
  readonly body?: string
  readonly app?: 'gzip'
}

const get = (name: string): Twin => ({ name: `GET ${name}` })
const compressed = (name: string): Twin => ({ name, app: 'gzip' })

/** What both are asked. */
const twins: readonly Twin[] = [
  // Text, its tag and its methods
  get('/hello'),
  get(`/hello | If-None-Match: "${helloTag}"`),
  get(`/hello | If-None-Match: W/"${helloTag}", "x"`),
  get('/hello | If-None-Match: "x"'),
  get('/hello | If-None-Match: *'),
  get('/hello?with=query#x'),
  { name: 'HEAD /hello' },
  { name: 'POST /hello', body: '' },
  { name: 'OPTIONS /hello' },
  { name: 'BREW /hello' },
  { name: 'HEAD /head' },
  get('/head'),
  get('/json'),
  // Arguments
  get('/arguments?a=%20x+y%20&a=2&b=1&b=%C3%BC&c='),
  get('/arguments?a=1&a=%09last%01%20&b='),
  get('/arguments'),
  get('/arguments?a=%ff'),
  get('/arguments?a=%zz&b=a=b;c=d'),
  { name: `POST /form?a=query | ${form}`, body: 'a=body+1&a=%20body+2%20&b=x' },
  { name: `POST /form | ${form}; charset=utf-8`, body: 'a=1' },
  { name: 'POST /form | Content-Type: text/plain', body: 'a=1' },
  { name: `POST /form | ${form}`, body: 'a=%ff' },
  { name: `POST /form | ${form}`, body: '' },
  { name: `POST /upload | Content-Type: multipart/form-data; boundary=${boundary}`, body: multipart },
  { name: 'POST /upload | Content-Type: multipart/form-data; boundary=none', body: multipart },
  { name: 'POST /upload | Content-Type: multipart/form-data', body: multipart },
  // Redirects
  get('/redirect?to=/hello'),
  get('/redirect?to=/hello&for=ever'),
  get('/redirect?to=http://b.example/%3Fx%3D%2541%26y%3D%7By%7D'),
  get('/redirect?to=../x'),
  { name: 'POST /redirect', body: '' },
  get('/moved/a%20b'),
  get('/moved/a?x=1&y=2'),
  get('/moved-so'),
  get('/moved-so?y=2'),
  get('/slash'),
  get('/slash?x=1'),
  get('/slash/'),
  get('/bare/'),
  get('/bare/?x=1'),
  get('/bare'),
  { name: 'HEAD /slash' },
  // Cookies, and users
  get('/cookies'),
  get('/cookies | Cookie: name=value; other=x'),
  get('/cookies | Cookie: name="quoted \\"value\\""'),
  get('/cookies | Cookie: name=a=b; broken'),
  get('/signed'),
  {
    name: `POST /signed | Cookie: two=${sign('two', 'of two', 2)}; one=${sign('one', 'of one', 1)}`,
    body: '',
  },
  { name: `POST /signed | Cookie: forged=${sign('two', 'of two', 2)}; two="x"`, body: '' },
  get(`/xsrf | Cookie: _xsrf=${xsrf}`),
  { name: `POST /xsrf | Cookie: _xsrf=${xsrf} | ${form}`, body: `_xsrf=${xsrf}` },
  { name: `POST /xsrf | Cookie: _xsrf=${xsrf} | X-XSRFToken: ${xsrf}`, body: '' },
  { name: `POST /xsrf | Cookie: _xsrf=${xsrf} | X-CSRFToken: ${xsrf}`, body: '' },
  { name: `POST /xsrf | Cookie: _xsrf=${xsrf} | X-XSRFToken: ${xsrf.replace('0', '1')}`, body: '' },
  { name: `POST /xsrf | Cookie: _xsrf=${xsrf}`, body: '' },
  { name: `POST /xsrf | X-XSRFToken: ${xsrf}`, body: '' },
  get('/private'),
  get('/private?a=b&c=%20'),
  get('/private | Cookie: user=ann'),
  { name: 'POST /private', body: '' },
  { name: 'POST /private | Cookie: user=ann', body: '' },
  // Errors
  ...['status', 'reason', 'plain-reason', 'unknown', 'exception', 'send', 'finish'].map((kind) =>
    get(`/error/${kind}`),
  ),
  get('/own-error'),
  get('/gone'),
  get('/nowhere'),
  get('/'),
  { name: 'POST /gone', body: '' },
  get('/defaults'),
  get('/defaults?fail=1'),
  { name: 'POST /defaults', body: '' },
  // Tags of their own
  get('/etag/own'),
  get('/etag/own | If-None-Match: "own"'),
  get('/etag/weak'),
  get('/etag/weak | If-None-Match: "weak"'),
  get('/no-etag'),
  get('/no-etag | If-None-Match: *'),
  // Shapes of answers
  get('/stream'),
  get('/stream HTTP/1.0'),
  get('/hello HTTP/1.0'),
  get('/headers'),
  get('/empty'),
  { name: 'DELETE /empty' },
  get('/path/a%20b/c%2Fd/e+f'),
  get('/path/%C3%BC'),
  get('/path/'),
  get('/path/%ff'),
  get('/named/2026/a%20b'),
  get('/named/2026'),
  get('/named/x'),
  get('/facts?a=b%20c'),
  get('/facts | X-A: 1 | x-a: 2'),
  get('/facts | Host: A.Example:8080'),
  // Files
  get('/static-url'),
  get('/static/a.txt'),
  get('/static/missing'),
  get('/robots.txt'),
  { name: 'HEAD /static/a.txt' },
  // Compressed
  compressed(`GET /large | ${gzip}`),
  compressed('GET /large'),
  compressed(`GET /large?type=image/png | ${gzip}`),
  compressed(`GET /large?type=application/json | ${gzip}`),
  compressed(`GET /large | Accept-Encoding: gzip;q=0`),
  compressed(`HEAD /large | ${gzip}`),
  compressed(`GET /hello | ${gzip}`),
  compressed(`GET /stream | ${gzip}`),
  compressed(`GET /nowhere | ${gzip}`),
  compressed(`GET /empty | ${gzip}`),
]

const allow = '+ Allow: GET, HEAD, OPTIONS'
const notAllowed = ['- HTTP/1.1 405 Method Not Allowed', '- Content-Length: 87']
const weakened = [`+ Etag: W/"${largeTag}"`, `- Etag: "${largeTag}"`]

/**
 * Where the two differ: by which rows of docs/deviations.md, the lines of ours (`+`) and of Tornado's (`-`).
 */
const differences: Readonly<Record<string, readonly [rows: string, ...lines: string[]]>> = {
  'POST /hello': ['B-web-007', allow],
  'BREW /hello': ['B-web-007', allow],
  'POST /defaults': ['B-web-007', allow],
  'OPTIONS /hello': [
    'B-web-007',
    '+ HTTP/1.1 204 No Content',
    allow,
    '+ body ""',
    '- HTTP/1.1 405 Method Not Allowed',
    '- Content-Type: text/html; charset=UTF-8',
    '- Content-Length: 87',
    '- body "<html><title>405: Method Not Allowed</title><body>405: Method Not Allowed</body></html>"',
  ],
  'HEAD /hello': [
    'B-web-008',
    '+ HTTP/1.1 200 OK',
    `+ Etag: "${helloTag}"`,
    '+ Content-Length: 12',
    ...notAllowed,
  ],
  'HEAD /slash': [
    'B-web-008',
    '+ HTTP/1.1 301 Moved Permanently',
    '+ Location: /slash/',
    '+ Content-Length: 0',
    ...notAllowed,
  ],
  'gzip: HEAD /large | Accept-Encoding: gzip': [
    'B-web-008 B-etag-001',
    '+ HTTP/1.1 200 OK',
    '+ Content-Type: text/plain',
    `+ Etag: W/"${largeTag}"`,
    '+ Content-Length: 60',
    '+ Content-Encoding: gzip',
    '- HTTP/1.1 405 Method Not Allowed',
    '- Content-Type: text/html; charset=UTF-8',
    '- Content-Length: 87',
  ],
  'gzip: GET /large | Accept-Encoding: gzip': ['B-etag-001', ...weakened],
  'gzip: GET /large?type=application/json | Accept-Encoding: gzip': ['B-etag-001', ...weakened],
  'gzip: GET /large | Accept-Encoding: gzip;q=0': [
    'B-gzip-003',
    '+ Content-Length: 6000',
    '- Content-Length: of what is compressed',
    '- Content-Encoding: gzip',
  ],
}

function encode({ name, body }: Twin): string {
  const [line = '', ...fields] = name.split(' | ')
  const [method = '', target = '', version = 'HTTP/1.1'] = line.split(' ')
  const host = fields.some((field) => field.startsWith('Host:')) ? [] : ['Host: a.example']
  const length = body === undefined ? [] : [`Content-Length: ${body.length}`]
  const head = [`${method} ${target} ${version}`, ...host, 'Connection: close', ...fields, ...length]
  return `${head.join('\r\n')}\r\n\r\n${body ?? ''}`
}

function ask(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'))
    socket.setEncoding('latin1').on('data', (chunk: string) => (received += chunk))
    socket.on('error', reject).on('close', () => resolve(received))
  })
}

/** What is made equal before they are compared: the spelling of JSON, and where text says what encoding it has. */
const everywhere = 'B-esc-003 B-static-017'

/**
 * Status line, fields and body. What is compressed is undone, for the two compress differently well. Fields of the connection are
 * in no order of the handlers'.
 */
function linesOf(answer: string): string[] {
  const end = answer.indexOf('\r\n\r\n')
  let head = answer.slice(0, end).replace(/^Server: TornadoServer.*$/m, 'Server: TornadoServer')
  let body = answer.slice(end + 4)
  if (/^Content-Type: application\/json/m.test(head) && !/^Content-Encoding/m.test(head)) {
    body = JSON.stringify(JSON.parse(Buffer.from(body, 'latin1').toString()))
    head = head.replace(/^(Content-Length|Etag): .*$/gm, '$1: of JSON')
  }
  head = head.replace(/^Content-Type: text\/plain; charset=UTF-8$/m, 'Content-Type: text/plain')
  if (/^Content-Encoding: gzip\r?$/m.test(head) && body !== '') {
    if (/^Transfer-Encoding: chunked\r?$/m.test(head)) body = unchunked(body)
    head = head.replace(/^Content-Length: \d+/m, 'Content-Length: of what is compressed')
    body = gunzipSync(Buffer.from(body, 'latin1')).toString('latin1')
  }
  const lines = head.split('\r\n')
  const ofConnection = lines.filter((line) => /^(Connection|Transfer-Encoding):/.test(line)).sort()
  return [
    ...lines.filter((line) => !ofConnection.includes(line)),
    ...ofConnection,
    `body ${JSON.stringify(body)}`,
  ]
}

function unchunked(body: string): string {
  const size = Number.parseInt(body, 16)
  const start = body.indexOf('\r\n') + 2
  return size === 0 ? '' : body.slice(start, start + size) + unchunked(body.slice(start + size + 2))
}

/** The lines that only one of them has, or both of them in other places. */
function difference(ours: readonly string[], theirs: readonly string[]): string[] {
  const only = (these: readonly string[], those: readonly string[], sign: string): string[] =>
    these.filter((line) => !those.includes(line)).map((line) => `${sign} ${line}`)
  const found = [...only(ours, theirs, '+'), ...only(theirs, ours, '-')]
  const same = ours.length === theirs.length && ours.every((line, i) => line === theirs[i])
  return found.length > 0 || same ? found : ['in another order', ...ours, ...theirs]
}

describe.skipIf(pythonTornadoVersion === null)('twin handlers and Python Tornado (python3-tornado)', () => {
  let root = ''
  let theirs: string[] = []
  const ours: string[] = []

  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'tornado-ts-twins-'))
    for (const name of ['a.txt', 'robots.txt']) {
      await writeFile(join(root, name), `content of ${name}`)
      await utimes(join(root, name), new Date(0), new Date(0))
    }
    const requests = twins.map((twin) => [twin.app ?? 'plain', encode(twin)] as const)
    const program = await readFile(new URL('twin-handlers.py', import.meta.url), 'utf8')
    theirs = runPython(program, { now: nowMs / 1000, root, secret: cookieSecret, requests }) as string[]

    vi.useFakeTimers({ toFake: ['Date'], now: nowMs })
    using _warnings = expectLog(genLog, /./, { required: false })
    using _errors = expectLog(appLog, /Uncaught exception/)
    const settings = { staticPath: root, cookieSecret }
    await using plain = twinApplication('plain', settings).listen(0, { address: '127.0.0.1' })
    await using gzipped = twinApplication('gzip', settings).listen(0, { address: '127.0.0.1' })
    const ports = { plain: (await plain.bound).port, gzip: (await gzipped.bound).port }
    for (const [app, bytes] of requests) ours.push(await ask(ports[app], bytes))
    vi.useRealTimers()
  }, 60_000)

  afterAll(async () => {
    vi.useRealTimers()
    await rm(root, { recursive: true, force: true })
  })

  it('are asked for answers of many kinds', () => {
    const statuses = new Set(theirs.map((answer) => Number(answer.split(' ')[1])))
    expect([...statuses].sort((a, b) => a - b)).toEqual([
      200, 204, 299, 301, 302, 303, 304, 400, 402, 403, 404, 405, 409, 410, 477, 500, 503,
    ])
  })

  it('answer the same, but for what is listed', () => {
    const found: Record<string, string[]> = {}
    for (const [i, { name, app }] of twins.entries()) {
      const lines = difference(linesOf(ours[i]!), linesOf(theirs[i]!))
      if (lines.length > 0) found[app === undefined ? name : `${app}: ${name}`] = lines
    }
    const listed = Object.entries(differences).map(([name, [, ...lines]]) => [name, lines])
    expect(found).toEqual(Object.fromEntries(listed))
  })

  it('differ only by rows of docs/deviations.md', async () => {
    const file = new URL('../../../docs/deviations.md', import.meta.url)
    const rows = (await readFile(file, 'utf8')).split('\n').filter((line) => line.startsWith('|'))
    const known = new Set(rows.flatMap((row) => row.split('|')[1]!.match(/B-[a-z0-9]+-\d+/g) ?? []))
    const named = [everywhere, ...Object.values(differences).map(([ids]) => ids)].join(' ').split(' ')
    expect(named.filter((id) => !known.has(id))).toEqual([])
  })
})
