import { HTTPServer } from '@tornado-ts/httpserver'
import { accessLog, appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { request as httpRequest } from 'node:http'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { needsPython, python } from '../fixtures/python.ts'
import { pythonApp } from './python-app.ts'
import { WSGIContainer } from './wsgi-container.ts'

const cwd = new URL('../fixtures', import.meta.url).pathname

describe.skipIf(python === null)(`an application of Python${needsPython}`, () => {
  let container: WSGIContainer
  let server: HTTPServer
  let url: string

  beforeAll(async () => {
    container = new WSGIContainer(
      pythonApp('applications:application', {
        python: python!,
        cwd,
        threads: 2,
        env: { TORNADO_TS_TEST: 'seen', HOME: undefined },
      }),
    )
    await container.ready()
    server = new HTTPServer(container)
    server.listen(0, { address: '127.0.0.1' })
    url = await server.url()
  })

  afterAll(async () => {
    await server.close({ idleGraceMs: 0 })
    await container.close()
  })

  async function get(path: string, init?: RequestInit): Promise<[status: number, body: string]> {
    const response = await fetch(url + path, init)
    return [response.status, await response.text()]
  }

  it('B-wsgi-001 variables of wsgi. and of the request', async () => {
    const [, text] = await get('/variables?a=b', { headers: { 'X-Custom': 'ü' } })
    const { port } = new URL(url)
    const lines = text.split('\n')
    for (const line of [
      "PATH_INFO='/variables'",
      "QUERY_STRING='a=b'",
      "REMOTE_ADDR='127.0.0.1'",
      "REQUEST_METHOD='GET'",
      "SCRIPT_NAME=''",
      "SERVER_NAME='127.0.0.1'",
      `SERVER_PORT='${port}'`,
      "SERVER_PROTOCOL='HTTP/1.1'",
      "HTTP_X_CUSTOM='ü'",
      'wsgi.multiprocess=False',
      'wsgi.multithread=True',
      'wsgi.run_once=False',
      "wsgi.url_scheme='http'",
      'wsgi.version=(1, 0)',
    ])
      expect(lines).toContain(line)
    expect(lines.filter((line) => line.startsWith('HTTP_CONTENT'))).toEqual([])
  })

  it('a block arrives although the application works on behind it', async () => {
    await get('/closings')
    const folder = mkdtempSync(join(tmpdir(), 'wsgi-'))
    const file = join(folder, 'go-on')
    try {
      expect(await get(`/works_on?${file}`)).toEqual([200, 'sent'])
      expect((await get('/closings'))[1]).toBe('')
    } finally {
      writeFileSync(file, '')
    }
    let closed = ''
    while (closed === '') [, closed] = await get('/closings')
    expect(closed).toBe('works_on')
    rmSync(folder, { recursive: true })
  })

  it('B-wsgi-005 Content-Length of a list, Server, Date', async () => {
    const response = await fetch(`${url}/plain`)
    expect(await response.text()).toBe('Hello, world')
    expect(response.headers.get('Content-Length')).toBe('12')
    expect(response.headers.get('Server')).toBe('tornado-ts')
    expect(response.headers.get('Date')).toMatch(/GMT$/)
  })

  it('B-wsgi-004 the write callable and generators stream; close is called', async () => {
    expect(await get('/write')).toEqual([200, 'written, then returned'])
    expect(await get('/empty')).toEqual([200, ''])
    expect(await get('/closings')).toEqual([200, 'write'])
  })

  it('bodies are there with a length, in chunks, large, and left unread', async () => {
    expect(await get('/echo', { method: 'POST', body: 'small' })).toEqual([200, 'small'])
    expect(await get('/echo', { method: 'POST', body: '' })).toEqual([200, ''])
    const chunks = (): ReadableStream<Uint8Array> =>
      new ReadableStream({
        start(controller) {
          for (const text of ['a', 'bc', 'def']) controller.enqueue(Buffer.from(text))
          controller.close()
        },
      })
    expect(await get('/echo', { method: 'POST', body: chunks(), duplex: 'half' })).toEqual([200, 'abcdef'])
    const large = Buffer.alloc(3_000_000, 'xyz\n')
    expect((await get('/echo', { method: 'POST', body: large }))[1]).toBe(String(large))
    expect(await get('/size', { method: 'POST', body: large })).toEqual([200, '3000000'])
    for (let i = 0; i < 3; i++) {
      expect(await get('/unread', { method: 'POST', body: 'x'.repeat(60_000) })).toEqual([
        200,
        'did not look',
      ])
    }
    expect(await get('/lines', { method: 'POST', body: 'one\ntwo\nthree\nfour\n' })).toEqual([
      200,
      "[b'one\\n', b'two', b'\\n', b'three\\n', b'four\\n']",
    ])
  })

  it('a large body that the application does not read: the answer still arrives', async () => {
    const request = httpRequest(`${url}/unread`, {
      method: 'POST',
      headers: { 'Content-Length': 50_000_000 },
    })
    request.on('error', () => {})
    request.write(Buffer.alloc(300_000))
    const [response] = (await once(request, 'response')) as [import('node:http').IncomingMessage]
    expect(response.statusCode).toBe(200)
    request.destroy()
    expect(await get('/hello')).toEqual([200, 'Hello, world'])
  })

  it('HEAD has the head of GET and no body; 204 and 304 have none', async () => {
    for (const [path, status, length] of [
      ['/hello', 200, null],
      ['/file', 200, null],
      ['/no_content', 204, null],
      ['/not_modified', 304, null],
    ] as const) {
      const response = await fetch(url + path, { method: 'HEAD' })
      expect([path, response.status, response.headers.get('Content-Length')]).toEqual([path, status, length])
    }
    const response = await fetch(`${url}/no_content`)
    expect([response.status, await response.text()]).toEqual([204, ''])
  })

  it('a file wrapper sends the file', async () => {
    expect((await get('/file'))[1]).toMatch(/^"""WSGI applications/)
  })

  it('wsgi.errors goes to appLog', async () => {
    using log = expectLog(appLog, 'GET /errors: first line', { level: 'error' })
    expect(await get('/errors')).toEqual([200, 'logged'])
    expect(log.matched).toBe(1)
  })

  it('start_response with exc_info replaces the head, and raises once it is sent', async () => {
    using _access = expectLog(accessLog, /^503/)
    expect(await get('/second_start')).toEqual([503, 'replaced'])
    using _late = expectLog(appLog, 'after the head was sent')
    await expect(get('/second_start_too_late')).rejects.toThrow('terminated')
  })

  it('an exception is a 500 and logged; behind the head it breaks the connection off', async () => {
    using _access = expectLog(accessLog, /^500/)
    using log = expectLog(appLog, 'ValueError: on purpose')
    expect((await get('/fails'))[0]).toBe(500)
    expect(log.matched).toBe(1)
    using _late = expectLog(appLog, 'too late')
    await expect(get('/fails_late')).rejects.toThrow('terminated')
    expect((await get('/closings'))[1]).toBe('fails_late')
  })

  it('B-wsgi-006 statuses and headers that cannot be sent, and breaches of the protocol, are 500 and logged', async () => {
    for (const [path, why] of [
      ['/status', 'Not a valid status'],
      ['/int-status', 'Not a valid status'],
      ['/header', 'Not a valid value of header X-Good'],
      ['/name', 'Not a valid header name'],
      ['/hop', 'Header Connection belongs to the server'],
      ['/twice', 'start_response was already called'],
      ['/text', 'The body must be bytes, not str'],
      ['/other', 'did not call start_response'],
    ] as const) {
      using _access = expectLog(accessLog, `500 GET ${path} (127.0.0.1)`)
      using _log = expectLog(appLog, why)
      const response = await fetch(url + path)
      expect([path, response.status, response.headers.get('X-Evil')]).toEqual([path, 500, null])
      await response.text()
    }
  })

  it('a Content-Length that is none, or is there twice, and an informational status are 500 and logged', async () => {
    for (const path of [
      ...['abc', '-5', '+5', '5,5', '5|5', '5|6', '', '99999999999999999999'].map(
        (each) => `/length?${each}`,
      ),
      '/continue',
    ]) {
      using _access = expectLog(accessLog, /^500/)
      using _log = expectLog(
        appLog,
        /header Content-Length|Header Content-Length is there twice|Not a valid status/,
      )
      expect([path, (await get(path))[0]]).toEqual([path, 500])
    }
    expect(await get('/length?5')).toEqual([200, '12345'])
  })

  it('SystemExit and the like are exceptions as others, and so are errors of other connections', async () => {
    const [, before] = await get('/pid')
    for (const path of ['/sys-exit', '/interrupt', '/no-database']) {
      using _access = expectLog(accessLog, /^500/)
      using log = expectLog(appLog, /(SystemExit|KeyboardInterrupt|ConnectionRefusedError): on purpose/)
      expect([path, (await get(path))[0], log.matched]).toEqual([path, 500, 1])
    }
    expect(await get('/pid')).toEqual([200, before])
  })

  it('an exception of close is logged; what was sent stands', async () => {
    using log = expectLog(appLog, 'ValueError: on purpose')
    expect(await get('/close-fails')).toEqual([200, 'all of it'])
    expect(log.matched).toBe(1)
    expect((await get('/closings'))[1]).toBe('close-fails')
  })

  it('a child of a fork that comes back out of the application ends, and sends nothing', async () => {
    for (let i = 0; i < 3; i++) expect(await get('/fork')).toEqual([200, 'parent'])
    expect(await get('/hello')).toEqual([200, 'Hello, world'])
  })

  it('nothing can be added to a response that is complete, nor to the one after it', async () => {
    expect(await get('/leave')).toEqual([200, 'left'])
    const response = await fetch(`${url}/write-late`)
    expect([response.headers.get('X-Evil'), await response.text()]).toEqual([
      null,
      'The response is complete',
    ])
  })

  it('a body longer than its Content-Length is cut, a shorter one breaks the connection off', async () => {
    {
      using _log = expectLog(appLog, 'longer than its Content-Length')
      expect(await get('/long')).toEqual([200, 'long'])
    }
    using _log = expectLog(appLog, 'ended 5 bytes before its Content-Length')
    await expect(get('/short')).rejects.toThrow('terminated')
  })

  it('a client that goes away ends the stream: close is called and the thread is free again', async () => {
    const { port } = new URL(url)
    for (let i = 0; i < 3; i++) {
      const socket = connect(Number(port), '127.0.0.1')
      socket.write('GET /stream HTTP/1.1\r\nHost: a\r\n\r\n')
      await once(socket, 'data')
      socket.destroy()
    }
    let closings = ''
    while (closings.split(',').filter((each) => each === 'stream').length < 3) {
      closings += `,${(await get('/closings'))[1]}`
    }
    expect(await Promise.all([get('/hello'), get('/hello')])).toHaveLength(2)
  })

  it('threads run requests side by side', async () => {
    expect(await Promise.all([get('/meet'), get('/meet')])).toEqual([
      [200, 'met'],
      [200, 'met'],
    ])
  })
})
