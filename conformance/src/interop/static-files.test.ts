import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { Application, StaticFileHandler } from '@tornado-ts/web'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { pythonTornadoVersion, runPython } from './python.ts'

/** Each with its content, in one character a byte. */
const files: Readonly<Record<string, string>> = {
  'robots.txt': 'User-agent: *\nDisallow: /\n',
  'favicon.ico': 'icon',
  'a.txt': '0123456789'.repeat(10),
  'empty.bin': '',
  'big.bin': 'big '.repeat(100_000),
  'page.html': '<p>page</p>',
  'style.css': 'p {}',
  'data.json': '{}',
  'image.png': 'png',
  'picture.svg': '<svg/>',
  'sample.xml': '<a/>',
  'sample.xml.gz': 'gz',
  'sample.xml.bz2': 'bz2',
  'name with spaces.txt': 'spaces',
  noending: 'none',
  'dir/index.html': 'index',
  'dir/other.txt': 'other',
  'plain/a.txt': 'a',
  '../static_secret/s.txt': 'SECRET',
}
const changedAt = new Date('2020-02-02T20:20:20.700Z')
const date = 'Sun, 02 Feb 2020 20:20:20 GMT'

interface Request {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** `METHOD path`, `header: value` … */
function request(name: string): Request {
  const [line = '', ...fields] = name.split(' | ')
  const [method = '', ...path] = line.split(' ')
  const headers = Object.fromEntries(fields.map((field) => field.split(': ') as [string, string]))
  return { name, method, path: path.join(' '), headers }
}

const names = [
  ...Object.keys(files)
    .filter((file) => !file.startsWith('..'))
    .map((file) => `GET /static/${file.replaceAll(' ', '%20')}`),
  'GET /robots.txt',
  'GET /favicon.ico',
  'HEAD /static/a.txt',
  'HEAD /static/missing',
  'GET /static/a.txt?v=1',
  'GET /static/missing?v=1',
  'POST /static/a.txt',
  // Directories
  'GET /static/dir',
  'GET /static/',
  'GET /static/plain/',
  'GET /index/dir',
  'GET /index/dir?a=b',
  'GET /index/dir/',
  'GET /index/plain/',
  'GET /index/plain',
  'GET //index/dir',
  // Conditions
  'GET /static/a.txt | If-None-Match: "x"',
  'GET /static/a.txt | If-None-Match: *',
  'GET /static/a.txt | If-None-Match: ETAG',
  'GET /static/a.txt | If-None-Match: W/ETAG',
  'GET /static/a.txt?v=1 | If-None-Match: "x", ETAG',
  'HEAD /static/a.txt | If-None-Match: ETAG',
  `GET /static/a.txt | If-Modified-Since: ${date}`,
  'GET /static/a.txt | If-Modified-Since: Sun, 02 Feb 2020 20:20:19 GMT',
  'GET /static/a.txt | If-Modified-Since: Sun, 02 Feb 2020 20:20:21 GMT',
  'GET /static/a.txt | If-Modified-Since: garbage',
  `GET /static/a.txt | If-None-Match: "x" | If-Modified-Since: ${date}`,
  'GET /static/a.txt | If-Match: ETAG',
  'GET /static/a.txt | If-Match: "x"',
  `GET /static/a.txt | If-Unmodified-Since: ${date}`,
  'GET /static/a.txt | If-Unmodified-Since: Sun, 02 Feb 2020 20:20:19 GMT',
  // Ranges
  ...[
    'bytes=0-9',
    'bytes=0-0',
    'bytes=10-',
    'bytes=-5',
    'bytes=-500',
    'bytes=0-',
    'bytes=0-99',
    'bytes=0-1000',
    'bytes=90-1000',
    'bytes=99-99',
    'bytes=100-',
    'bytes=-0',
    'bytes=5-2',
    'bytes=0-1,5-6',
    'bytes=',
    'bytes=26',
    'bytes=+1-4',
    'bytes=a-b',
    'chars=0-1',
    'garbage',
  ].map((range) => `GET /static/a.txt | Range: ${range}`),
  'HEAD /static/a.txt | Range: bytes=0-9',
  'HEAD /static/a.txt | Range: bytes=100-',
  'GET /static/a.txt?v=1 | Range: bytes=100-',
  'GET /static/empty.bin | Range: bytes=0-',
  'GET /static/big.bin | Range: bytes=70000-139999',
  'GET /static/a.txt | Range: bytes=0-9 | If-None-Match: ETAG',
  'GET /static/a.txt | Range: bytes=0-9 | If-Range: ETAG',
  'GET /static/a.txt | Range: bytes=0-9 | If-Range: "x"',
  // What is not there, and what must not be
  'GET /static/missing',
  'GET /static/a.txt/b',
  'GET /static/a.txt/',
  'GET /static/../static_secret/s.txt',
  'GET /static/..%2fstatic_secret/s.txt',
  'GET /static/%2e%2e/static_secret/s.txt',
  'GET /static//etc/passwd',
  'GET /static/%252e%252e/static_secret/s.txt',
  'GET /static/..%5cstatic_secret%5cs.txt',
  'GET /static/dir/../a.txt',
  'GET /static/./a.txt',
  'GET /static/dir//other.txt',
  'GET /static/dir%2fother.txt',
  'GET /static/a.txt%00.html',
  'GET /static/%ff',
]

/** Where the two differ: what ours answers, what Tornado does, and the row of docs/deviations.md that says why. */
const differences: Readonly<Record<string, readonly [ours: string, theirs: string, row: string]>> = {
  'POST /static/a.txt': ['405, Allow: GET, HEAD, OPTIONS', '405', 'B-web-007'],
  'GET /static/a.txt | If-Match: "x"': ['412', '200', 'B-static-009'],
  'GET /static/a.txt | If-Unmodified-Since: Sun, 02 Feb 2020 20:20:19 GMT': ['412', '200', 'B-static-009'],
  'GET /static/a.txt | Range: bytes=0-1,5-6': ['206 of multipart/byteranges', '200', 'B-static-010'],
  'GET /static/a.txt | Range: bytes=26': ['200', '206 bytes 26-99/100', 'B-static-014'],
  'GET /static/a.txt | Range: bytes=+1-4': ['200', '206 bytes 1-4/100', 'B-static-014'],
  'GET /static/a.txt?v=1 | Range: bytes=100-': [
    '416 bytes */100',
    '416 bytes */100, max-age=315360000',
    'B-static-012',
  ],
  'GET /static/a.txt | Range: bytes=0-9 | If-Range: "x"': ['200', '206 bytes 0-9/100', 'B-static-015'],
  'HEAD /static/a.txt | Range: bytes=0-9': ['200', '206 bytes 0-9/100', 'B-static-011'],
  'HEAD /static/a.txt | Range: bytes=100-': ['200', '416 bytes */100', 'B-static-011'],
  'GET /static/a.txt/': ['404', '200', 'B-static-006'],
  'GET /static/dir/../a.txt': ['404', '200', 'B-static-006'],
  'GET /static/./a.txt': ['404', '200', 'B-static-006'],
  'GET /static/dir//other.txt': ['404', '200', 'B-static-006'],
  'GET /static/dir%2fother.txt': ['404', '200', 'B-static-006'],
}

let outside = ''
let theirs: { answers: Record<string, string>; urls: Record<string, string> }
let ours: typeof theirs
let etag = ''

const program = `
import asyncio, mimetypes, tornado.web, tornado.httpserver, tornado.netutil, logging
logging.disable(logging.CRITICAL)
# Not the types of this machine.
mimetypes.knownfiles.clear()
mimetypes.init()
async def ask(port, data):
    reader, writer = await asyncio.open_connection('127.0.0.1', port)
    writer.write(data.encode('latin1'))
    answer = await reader.read()
    writer.close()
    return answer.decode('latin1')
async def main():
    root = given['root']
    app = tornado.web.Application(
        [(r'/+index/(.*)', tornado.web.StaticFileHandler, {'path': root, 'default_filename': 'index.html'})],
        static_path=root)
    server = tornado.httpserver.HTTPServer(app)
    sockets = tornado.netutil.bind_sockets(0, '127.0.0.1')
    server.add_sockets(sockets)
    port = sockets[0].getsockname()[1]
    answers = {name: await ask(port, data) for name, data in given['requests'].items()}
    urls = {path: tornado.web.StaticFileHandler.make_static_url(app.settings, path) for path in given['paths']}
    return {'answers': answers, 'urls': urls}
result = asyncio.run(main())
`

function encode({ method, path, headers }: Request): string {
  const fields = { Host: 'a.example', Connection: 'close', ...headers }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value.replace('ETAG', etag)}\r\n`)
  const length = method === 'POST' ? 'Content-Length: 0\r\n' : ''
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}${length}\r\n`
}

function ask(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'))
    socket.setEncoding('latin1').on('data', (chunk: string) => (received += chunk))
    socket.on('error', reject).on('close', () => resolve(received))
  })
}

/** Without what differs in every answer. */
function parse(text: string): Answer {
  const end = text.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n')
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    if (['server', 'date', 'connection'].includes(name)) continue
    const value = line.slice(colon + 1).trim()
    // Ours says what encoding text has (B-static-017); boundaries are random.
    headers[name] =
      name === 'expires' ? 'in ten years' : value.replace(/; charset=UTF-8$|(?<=boundary=)\w+$/, '')
  }
  const status = Number(statusLine.split(' ')[1])
  // Error pages are another matter.
  return { status, headers, body: status >= 400 && status !== 416 ? '' : text.slice(end + 4) }
}

/** What tells answers apart that differ. */
function summary({ status, headers }: Answer): string {
  const { 'content-type': type = '', 'content-range': range, 'cache-control': cache, allow } = headers
  const what = type.startsWith('multipart/') ? ' of multipart/byteranges' : ''
  const place = range === undefined ? '' : ` ${range}`
  const age = cache === undefined ? '' : `, ${cache}`
  return `${status}${what}${place}${age}${allow === undefined ? '' : `, Allow: ${allow}`}`
}

describe.skipIf(pythonTornadoVersion === null)('static files and Python Tornado (python3-tornado)', () => {
  beforeAll(async () => {
    outside = await mkdtemp(join(tmpdir(), 'tornado-ts-interop-'))
    const root = join(outside, 'static')
    for (const [path, content] of Object.entries(files)) {
      const file = join(root, path)
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, content, 'latin1')
      await utimes(file, changedAt, changedAt)
    }
    const settings = { staticPath: root, logFunction: (): void => {} }
    etag = `"${StaticFileHandler.getVersion(settings, 'a.txt')}"`
    const requests = Object.fromEntries(names.map((name) => [name, encode(request(name))]))
    const paths = Object.keys(files).filter((path) => !path.startsWith('..'))
    theirs = runPython(program, { root, requests, paths }) as typeof theirs
    const rule = ['/+index/(.*)', StaticFileHandler, { path: root, defaultFilename: 'index.html' }] as const
    const server = new Application([rule], settings).listen(0, { address: '127.0.0.1' })
    const { port } = await server.bound
    using _log = expectLog(genLog, /^4\d\d /)
    const answers: Record<string, string> = {}
    for (const [name, bytes] of Object.entries(requests)) answers[name] = await ask(port, bytes)
    ours = {
      answers,
      urls: Object.fromEntries(paths.map((path) => [path, StaticFileHandler.makeStaticUrl(settings, path)])),
    }
    await server[Symbol.asyncDispose]()
  }, 60_000)

  afterAll(() => rm(outside, { recursive: true, force: true }))

  it('B-static-001 have the same versions and entity tags', () => {
    const encoded = Object.entries(theirs.urls).map(([path, url]) => [path, url.replaceAll(' ', '%20')])
    expect(ours.urls).toEqual(Object.fromEntries(encoded))
    expect(parse(ours.answers['GET /static/big.bin']!).headers['etag']).toBe(
      `"${/v=(\w+)/.exec(theirs.urls['big.bin']!)![1]!}"`,
    )
  })

  it('B-static-004 B-static-006 B-static-008 B-static-009 B-static-011 B-static-013 answers differ where they are meant to, and nowhere else', () => {
    const found: Record<string, [string, string]> = {}
    for (const name of names) {
      const [own, other] = [parse(ours.answers[name]!), parse(theirs.answers[name]!)]
      const pair: [string, string] = [summary(own), summary(other)]
      if (pair[0] === pair[1]) expect(own, name).toEqual(other)
      else found[name] = pair
    }
    const listed = Object.entries(differences).map(([name, [own, other]]) => [name, [own, other]])
    expect(found).toEqual(Object.fromEntries(listed))
  })

  it('B-static-017 unlike in Tornado text says what encoding it has', () => {
    expect(ours.answers['GET /static/a.txt']).toContain('Content-Type: text/plain; charset=UTF-8\r\n')
    expect(theirs.answers['GET /static/a.txt']).toContain('Content-Type: text/plain\r\n')
  })
})
