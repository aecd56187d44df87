import { appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it, vi } from 'vitest'
import { only } from '../../test/only.ts'
import { serve } from '../../test/serve.ts'
import { RequestHandler } from '../request-handler.ts'
import { version } from '../version.ts'

describe('a response', () => {
  it('B-web-001 B-web-002 has Server, Content-Type and Date first, then what was set, then Etag and Content-Length', async () => {
    class Handler extends RequestHandler {
      override setDefaultHeaders(): void {
        this.setHeader('X-Default', 'yes')
      }
      override get(): void {
        this.setHeader('X-Own', 1)
        this.write('Hello, world')
      }
    }
    await using served = await serve(only(Handler))
    const { statusLine, lines, headers, body } = await served.fetch('GET', '/')
    expect(statusLine).toBe('HTTP/1.1 200 OK')
    expect(lines.map((line) => line.split(':')[0])).toEqual([
      'Server',
      'Content-Type',
      'Date',
      'X-Default',
      'X-Own',
      'Etag',
      'Content-Length',
      'Connection',
    ])
    expect(headers['server']).toBe(`TornadoServer/${version}`)
    expect(headers['content-type']).toBe('text/html; charset=UTF-8')
    expect(Math.abs(Date.parse(headers['date']!) - Date.now())).toBeLessThan(3000)
    expect(headers['content-length']).toBe('12')
    expect(body).toBe('Hello, world')
  })

  it('B-web-001 is as new after clear(), default headers of the handler included', async () => {
    class Handler extends RequestHandler {
      override setDefaultHeaders(): void {
        this.setHeader('X-Default', 'yes')
      }
      override get(): void {
        for (const name of ['Server', 'Content-Type', 'Date', 'X-Default', 'X-Gone'])
          this.setHeader(name, 'x')
        this.write('gone')
        this.setStatus(418)
        this.clear()
        this.write('kept')
      }
    }
    await using served = await serve(only(Handler))
    const { statusLine, lines, body } = await served.fetch('GET', '/')
    expect([statusLine, body]).toEqual(['HTTP/1.1 200 OK', 'kept'])
    expect(lines.slice(0, 4)).toEqual([
      `Server: TornadoServer/${version}`,
      'Content-Type: text/html; charset=UTF-8',
      expect.stringMatching(/^Date: .* GMT$/),
      'X-Default: yes',
    ])
    expect(lines.some((line) => line.startsWith('X-Gone'))).toBe(false)
  })

  it('B-web-002 ends its head with cookies and then what the connection adds', async () => {
    class Handler extends RequestHandler {
      override async get(): Promise<void> {
        this.setCookie('a', 'b')
        this.setHeader('X-Own', 1)
        await this.flush()
      }
    }
    await using served = await serve(only(Handler))
    const { lines } = await served.fetch('GET', '/')
    const names = lines.map((line) => line.split(':')[0])
    expect(names.slice(0, 5)).toEqual(['Server', 'Content-Type', 'Date', 'X-Own', 'Set-Cookie'])
    expect(new Set(names.slice(5))).toEqual(new Set(['Connection', 'Transfer-Encoding']))
  })

  it('B-web-015 takes text, bytes and objects, and nothing else', async () => {
    const thrown: unknown[] = []
    class Handler extends RequestHandler {
      override get(): void {
        for (const bad of [[1, 2], 5, null, new Map(), new Date(Number.NaN).valueOf]) {
          try {
            this.write(bad as object)
          } catch (error) {
            thrown.push(error)
          }
        }
        this.write('grüß ')
        this.write(Buffer.from('bytes '))
        this.write({ a: '</script>' })
      }
    }
    await using served = await serve(only(Handler))
    const { headers, body } = await served.fetch('GET', '/')
    expect(Buffer.from(body, 'latin1').toString()).toBe('grüß bytes {"a":"<\\/script>"}')
    expect(headers['content-type']).toBe('application/json; charset=UTF-8')
    expect(headers['content-length']).toBe(String(body.length))
    expect(thrown).toHaveLength(5)
    expect(thrown.every((error) => error instanceof TypeError)).toBe(true)
    expect((thrown[0] as Error).message).toContain('wrap it in an object')
  })

  it('B-web-015 has the content type of JSON from where an object is written', async () => {
    class Handler extends RequestHandler {
      override get(): void {
        this.setHeader('Content-Type', 'text/plain')
        this.write({ a: 1 })
        if (this.request.path === '/later') this.setHeader('Content-Type', 'application/ld+json')
      }
    }
    await using served = await serve(only(Handler))
    const type = async (path: string): Promise<unknown> =>
      (await served.fetch('GET', path)).headers['content-type']
    expect(await type('/')).toBe('application/json; charset=UTF-8')
    expect(await type('/later')).toBe('application/ld+json')
  })

  it('B-web-016 cannot be written to or finished again after finish()', async () => {
    const messages: string[] = []
    class Handler extends RequestHandler {
      override get(): void {
        void this.finish('once')
        for (const call of [() => this.write('x'), () => void this.finish()]) {
          try {
            call()
          } catch (error) {
            messages.push((error as Error).message)
          }
        }
      }
    }
    await using served = await serve(only(Handler))
    expect((await served.fetch('GET', '/')).body).toBe('once')
    expect(messages).toEqual(['Cannot write() after finish()', 'finish() called twice'])
  })

  it('B-web-017 B-web-018 B-web-023 is sent in chunks once flushed, the head alone when nothing is written', async () => {
    class Handler extends RequestHandler {
      override async get(): Promise<void> {
        await this.flush()
        this.write('one')
        await this.flush()
        this.write('zwölf')
      }
    }
    await using served = await serve(only(Handler))
    const { headers, body } = await served.fetch('GET', '/')
    expect(headers['transfer-encoding']).toBe('chunked')
    expect(headers['content-length']).toBeUndefined()
    expect(headers['etag']).toBeUndefined()
    expect(Buffer.from(body, 'latin1').toString()).toBe('3\r\none\r\n6\r\nzwölf\r\n0\r\n\r\n')
  })

  it('B-web-017 B-web-018 leaves head and first piece together; without a piece the head leaves alone', async () => {
    const calls: unknown[] = []
    class Handler extends RequestHandler {
      override async get(): Promise<void> {
        const connection = this.request.connection!
        const writeHeaders = vi.spyOn(connection, 'writeHeaders')
        const write = vi.spyOn(connection, 'write')
        if (this.request.path === '/piece') this.write('one')
        await this.flush()
        await this.flush()
        calls.push(
          String(writeHeaders.mock.calls[0]![2]),
          writeHeaders.mock.calls.length,
          write.mock.calls.length,
        )
      }
    }
    await using served = await serve(only(Handler))
    const bodies = [await served.fetch('GET', '/piece'), await served.fetch('GET', '/')].map(
      ({ body }) => body,
    )
    expect(bodies).toEqual(['3\r\none\r\n0\r\n\r\n', '0\r\n\r\n'])
    expect(calls).toEqual(['one', 1, 0, '', 1, 0])
  })

  it('B-web-008 B-web-019 to HEAD has the headers of GET and no body', async () => {
    class Handler extends RequestHandler {
      override get(): void {
        this.write('Hello, world')
      }
    }
    await using served = await serve(only(Handler))
    const get = await served.fetch('GET', '/')
    const head = await served.fetch('HEAD', '/')
    const without = (lines: readonly string[]): string[] => lines.filter((line) => !line.startsWith('Date'))
    expect(without(head.lines)).toEqual(without(get.lines))
    expect(head.body).toBe('')
  })

  it.each([204, 304])(
    'B-web-021 with status %i has no body headers, and with a body is an error',
    async (code) => {
      class Handler extends RequestHandler {
        override get(): void {
          this.setStatus(code)
          for (const name of ['Content-Encoding', 'Content-Language', 'X-Own']) this.setHeader(name, 'x')
        }
        override post(): void {
          this.setStatus(code)
          this.write('body')
        }
      }
      await using served = await serve(only(Handler))
      const { status, lines } = await served.fetch('GET', '/')
      expect([status, lines.map((line) => line.split(':')[0])]).toEqual([
        code,
        ['Server', 'Date', 'X-Own', 'Connection'],
      ])
      using expected = expectLog(appLog, /Uncaught exception POST/)
      expect((await served.fetch('POST', '/')).status).toBe(500)
      expect(String(expected.records[0]?.error)).toBe(`Error: Cannot send a body with status ${code}`)
    },
  )

  it('B-web-022 has the length of its bytes', async () => {
    class Handler extends RequestHandler {
      override post(): void {
        this.setStatus(404)
        this.write('grüß')
        this.write('e')
      }
      override put(): void {}
    }
    await using served = await serve(only(Handler))
    expect((await served.fetch('POST', '/')).headers['content-length']).toBe('7')
    expect((await served.fetch('PUT', '/')).headers['content-length']).toBe('0')
  })

  it('B-web-022 keeps a Content-Length that the handler has set', async () => {
    class Handler extends RequestHandler {
      override get(): void {
        this.setHeader('Content-Length', 5)
        this.write('hello')
      }
    }
    await using served = await serve(only(Handler))
    const { lines } = await served.fetch('GET', '/')
    expect(lines.filter((line) => line.startsWith('Content-Length'))).toEqual(['Content-Length: 5'])
  })

  it('CVE-2016-5325 CVE-2025-67724 CVE-2026-34519 B-web-026 B-web-027 takes its reason from the table, and none that could break the line', async () => {
    class Handler extends RequestHandler {
      override get(): void {
        const [status, reason] = JSON.parse(this.getArgument('s')) as [number, string?]
        this.setStatus(status, reason)
      }
    }
    await using served = await serve(only(Handler))
    const line = async (...status: [number, string?]): Promise<string> =>
      (await served.fetch('GET', `/?s=${encodeURIComponent(JSON.stringify(status))}`)).statusLine
    expect(await line(404)).toBe('HTTP/1.1 404 Not Found')
    expect(await line(413)).toBe('HTTP/1.1 413 Request Entity Too Large')
    expect(await line(414)).toBe('HTTP/1.1 414 Request-URI Too Long')
    expect(await line(416)).toBe('HTTP/1.1 416 Requested Range Not Satisfiable')
    expect(await line(418)).toBe("HTTP/1.1 418 I'm a Teapot")
    expect(await line(422)).toBe('HTTP/1.1 422 Unprocessable Entity')
    expect(await line(299)).toBe('HTTP/1.1 299 Unknown')
    expect(await line(200, 'Fine\tby me é')).toBe('HTTP/1.1 200 Fine\tby me é')
    for (const bad of ['', 'a\r\nX: b', '<b>', 'a\0', '\u010d\u010a']) {
      expect(await line(200, bad)).toBe('HTTP/1.1 200 Unknown')
    }
  })

  it('B-web-028 B-web-029 B-web-030 B-web-031 converts header values, keeps empty ones and several', async () => {
    class Handler extends RequestHandler {
      override get(): void {
        this.setHeader('X-Int', 3)
        this.setHeader('X-Big', 12345678901234567890n)
        this.setHeader('X-Date', new Date(1359312200000))
        this.setHeader('X-Bytes', Buffer.from([0xe9]))
        this.setHeader('X-Empty', '')
        this.setHeader('X-Tab', 'a\tb é')
        this.addHeader('X-One', 'a')
        this.addHeader('X-One', 'b')
        this.setHeader('x-one', 'c')
        for (const value of [null, undefined, true, {}, ['a']])
          expect(() => this.setHeader('X-None', value as unknown as string)).toThrow(TypeError)
        for (const value of ['a\0', 'a\x7f', 'a\r\nb', '\u0100'])
          expect(() => this.addHeader('X-None', value)).toThrow(
            expect.objectContaining({ name: 'HTTPOutputError' }),
          )
        this.addHeader('X-Two', 'a')
        this.addHeader('x-two', 'b')
        this.addHeader('X-Gone', 'a')
        this.addHeader('X-Gone', 'b')
        this.clearHeader('x-gone')
        this.clearHeader('X-Never')
      }
    }
    await using served = await serve(only(Handler))
    const { lines } = await served.fetch('GET', '/')
    expect(lines).toEqual(
      expect.arrayContaining([
        'X-Int: 3',
        'X-Big: 12345678901234567890',
        'X-Date: Sun, 27 Jan 2013 18:43:20 GMT',
        'X-Bytes: é',
        'X-Empty: ',
        'X-Tab: a\tb é',
        'X-Two: a',
        'X-Two: b',
      ]),
    )
    expect(lines.filter((line) => /^X-(?:Gone|None|One)/i.test(line))).toEqual(['X-One: c'])
  })

  it('CVE-2012-2374 CVE-2018-1000164 CVE-2020-7695 never carries a header that the application did not mean', async () => {
    const refused: string[] = []
    class Handler extends RequestHandler {
      override get(): void {
        const nasty = ['a\r\nX: b', 'a\nb', 'a\rb', 'a\0b', 'a\x7fb', '\u010a', '\u560d', '\u2028', '\ud800']
        for (const value of nasty) {
          for (const call of [
            () => this.setHeader('X-A', value),
            () => this.addHeader('X-A', value),
            () => this.setHeader(`X${value}`, 'a'),
            () => this.redirect(value.replaceAll(/[^\0-\x7f]/g, '\n')),
          ]) {
            try {
              call()
              refused.push(`taken: ${JSON.stringify(value)}`)
            } catch (error) {
              refused.push((error as Error).name)
            }
          }
        }
        const twoFaced = { toString: () => 'a\r\nX: b' }
        expect(() => this.setHeader('X-A', twoFaced as unknown as string)).toThrow(TypeError)
        this.setStatus(200)
      }
    }
    await using served = await serve(only(Handler))
    const { status, lines } = await served.fetch('GET', '/')
    expect(new Set(refused)).toEqual(new Set(['HTTPOutputError']))
    expect(status).toBe(200)
    expect(lines.some((line) => line.startsWith('X'))).toBe(false)
  })
})
