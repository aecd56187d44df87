import { HTTPHeaders } from '@tornado-ts/httputil'
import { describe, expect, it } from 'vitest'
import { bodyOf } from '../../test/body-of.ts'
import { serve } from '../../test/serve.ts'
import { Application } from '../application.ts'
import { HTTPError } from '../errors.ts'
import { OutputTransform, type FirstChunk } from './output-transform.ts'
import { RequestHandler } from '../request-handler.ts'

/** Writes down what it is asked, and marks what it passes. */
class Marking extends OutputTransform {
  static calls: unknown[] = []

  override transformFirstChunk(
    statusCode: number,
    headers: HTTPHeaders,
    chunk: Uint8Array,
    finishing: boolean,
  ): FirstChunk | Promise<FirstChunk> {
    Marking.calls.push([
      'first',
      statusCode,
      Buffer.from(chunk).toString(),
      finishing,
      headers.has('Set-Cookie'),
    ])
    headers.set('X-Marked', this.request.path)
    headers.delete('Content-Length')
    return [statusCode, headers, Buffer.from(`<${Buffer.from(chunk).toString()}`)]
  }

  override transformChunk(chunk: Uint8Array, finishing: boolean): Uint8Array {
    Marking.calls.push(['next', Buffer.from(chunk).toString(), finishing])
    return Buffer.from(`|${Buffer.from(chunk).toString()}${finishing ? '>' : ''}`)
  }

  override close(): void {
    Marking.calls.push('closed')
  }
}

class Late extends OutputTransform {
  override async transformFirstChunk(
    statusCode: number,
    headers: HTTPHeaders,
    chunk: Uint8Array,
  ): Promise<FirstChunk> {
    await new Promise((resolve) => setImmediate(resolve))
    return [statusCode === 200 ? 203 : statusCode, headers, Buffer.concat([chunk, Buffer.from('late ')])]
  }

  override async transformChunk(chunk: Uint8Array): Promise<Uint8Array> {
    await new Promise((resolve) => setImmediate(resolve))
    return chunk
  }
}

class Pieces extends RequestHandler {
  override get(): void {
    this.setCookie('a', 'b')
    for (const piece of ['one', 'two', 'three']) {
      this.write(piece)
      void this.flush()
    }
  }
}

class Whole extends RequestHandler {
  override get(): void {
    this.write('whole')
  }
}

describe('transforms', () => {
  it('B-web-017 get the first piece and then the others, the last of them empty; cookies come behind them', async () => {
    Marking.calls = []
    const application = new Application([['/', Pieces]], { transforms: [Marking], logFunction: () => {} })
    await using served = await serve(application)
    const answer = await served.fetch('GET', '/')
    expect(answer.headers).toMatchObject({ 'x-marked': '/', 'set-cookie': 'a=b; Path=/' })
    expect(bodyOf(answer)).toBe('<one|two|three|>')
    expect(Marking.calls).toEqual([
      ['first', 200, 'one', false, false],
      ['next', 'two', false],
      ['next', 'three', false],
      ['next', '', true],
      'closed',
    ])
  })

  it('get a whole body at once, with `finishing`', async () => {
    Marking.calls = []
    const application = new Application([['/', Whole]], { transforms: [Marking], logFunction: () => {} })
    await using served = await serve(application)
    expect((await served.fetch('GET', '/')).body).toContain('<whole')
    expect(Marking.calls).toEqual([['first', 200, 'whole', true, false], 'closed'])
  })

  it('are each given what the one before gives, may take their time and change the status', async () => {
    const application = new Application([['/', Pieces]], {
      transforms: [Late, Marking],
      logFunction: () => {},
    })
    await using served = await serve(application)
    const answer = await served.fetch('GET', '/')
    expect(answer.statusLine).toBe('HTTP/1.1 203 Non-Authoritative Information')
    expect(bodyOf(answer)).toBe('<onelate |two|three|>')
  })

  it('see error pages and answers to HEAD, whose body is dropped', async () => {
    Marking.calls = []
    class Broken extends RequestHandler {
      override get(): void {
        throw new HTTPError(403)
      }
    }
    const application = new Application(
      [
        ['/', Whole],
        ['/broken', Broken],
      ],
      { logFunction: () => {} },
    )
    application.addTransform(Marking)
    expect(application.transforms).toEqual([Marking])
    await using served = await serve(application)
    const broken = await served.fetch('GET', '/broken')
    expect([broken.status, broken.headers['x-marked']]).toEqual([403, '/broken'])
    const head = await served.fetch('HEAD', '/')
    expect([head.status, head.headers['x-marked'], head.body]).toEqual([200, '/', ''])
  })

  it('can be left out by a handler', async () => {
    class Bare extends Whole {
      override makeTransforms(): OutputTransform[] {
        return []
      }
    }
    const application = new Application([['/', Bare]], { transforms: [Marking], logFunction: () => {} })
    await using served = await serve(application)
    const { headers, body } = await served.fetch('GET', '/')
    expect([headers['x-marked'], body]).toEqual([undefined, 'whole'])
  })

  it('change nothing by default', async () => {
    const application = new Application([['/', Pieces]], {
      transforms: [OutputTransform],
      logFunction: () => {},
    })
    await using served = await serve(application)
    expect((await served.fetch('GET', '/')).body).toBe('3\r\none\r\n3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n')
  })

  it('B-web-079 a connection can be detached, unless output waits for a transform', async () => {
    const failures: unknown[] = []
    class Detaching extends RequestHandler {
      override async get(): Promise<void> {
        if (this.getArgument('write', null) !== null) {
          this.write('x')
          const sent = this.flush()
          try {
            this.detach()
          } catch (error) {
            failures.push(error)
          }
          await sent
        }
        const stream = this.detach()
        await stream.write('raw')
        stream.close()
      }
    }
    const application = new Application([['/', Detaching]], { transforms: [Late], logFunction: () => {} })
    await using served = await serve(application)
    expect(await served.exchange('GET / HTTP/1.1\r\nHost: x\r\n\r\n')).toBe('raw')
    const written = await served.exchange('GET /?write=1 HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(written).toMatch(/\r\nxlate \r\nraw$/)
    expect(failures).toMatchObject([{ message: 'Cannot detach while output waits: await flush() first' }])
  })
})
