import type { HTTPMessageDelegate, HTTPServerRequest } from '@tornado-ts/httputil'
import { describe, expect, it } from 'vitest'
import { answer, answerJson, makeRequest, QuietDelegate } from '../../fixtures/delegates.ts'
import { RawClient } from '../../fixtures/raw-client.ts'
import { HTTPServer } from '../http-server.ts'
import { HostMatches, type Matcher } from './matcher.ts'
import { PathMatches } from './path-matches.ts'
import { Router, type FindHandlerOptions } from './router.ts'
import { RuleRouter, type RuleTarget, type RuleTuple } from './rule-router.ts'
import { Rule, URLSpec } from './rule.ts'

/** A router whose targets are names, and whose delegates tell which was found, with what. */
class NamedRouter extends RuleRouter<string> {
  override getTargetDelegate(
    target: string,
    request: HTTPServerRequest,
    options: FindHandlerOptions,
  ): HTTPMessageDelegate | null {
    return target.startsWith('none') ? null : Object.assign(new QuietDelegate(), { target, request, options })
  }

  found(uri: string, headers: Readonly<Record<string, string>> = {}): string | null {
    const delegate = this.findHandler(makeRequest(uri, { headers }))
    return delegate === null ? null : (delegate as unknown as { target: string }).target
  }
}

describe('rules', () => {
  it('B-route-001 are tuples of two to four items, or rules', () => {
    const any: Matcher = { match: () => ({}) }
    const router = new RuleRouter<string>([
      ['/a', 'A'],
      [/\/b/, 'B', { x: 1 }],
      [any, 'C', {}, 'see'],
      new Rule(any, 'D', { name: 'dee' }),
      new URLSpec('/e', 'E', { y: 2 }, 'ee'),
    ])
    expect(router.rules.map(({ target, targetKwargs, name }) => [target, targetKwargs, name])).toEqual([
      ['A', {}, undefined],
      ['B', { x: 1 }, undefined],
      ['C', {}, 'see'],
      ['D', {}, 'dee'],
      ['E', { y: 2 }, 'ee'],
    ])
    expect(router.rules.map(({ matcher }) => matcher instanceof PathMatches)).toEqual([
      true,
      true,
      false,
      false,
      true,
    ])
  })

  it.each([[['/a']], [[]], [['/a', 'A', {}, 'name', 'more']], ['/a'], [null]])(
    'B-route-001 %j is none',
    (tuple) => {
      expect(() => new RuleRouter([tuple as unknown as RuleTuple<RuleTarget>])).toThrow(TypeError)
    },
  )

  it('B-route-006 the first that matches and yields a delegate wins', () => {
    const router = new NamedRouter([
      ['/a(.*)', 'none'],
      ['/ab', 'exact'],
      ['/a.*', 'wide'],
      ['/ab', 'late'],
    ])
    expect(['/ab', '/abc', '/b'].map((uri) => router.found(uri))).toEqual(['exact', 'wide', null])
  })

  it('may be added while the router is in use', () => {
    const router = new NamedRouter([['/a', 'first']])
    expect([router.found('/a'), router.found('/b')]).toEqual(['first', null])
    router.addRules([['/b', 'second']])
    router.insertRule(0, new Rule(new PathMatches('/a'), 'before'))
    expect([router.found('/a'), router.found('/b')]).toEqual(['before', 'second'])
  })

  it('of which one is bad leave those before it in place', () => {
    const router = new NamedRouter([['/a', 'first']])
    router.found('/a')
    expect(() =>
      router.addRules([
        ['/b', 'second'],
        ['/(', 'bad'],
      ]),
    ).toThrow(SyntaxError)
    expect(router.found('/b')).toBe('second')
  })

  it('hand the groups and their own arguments to the target', () => {
    const router = new NamedRouter([['/(.)/(.*)', 'x', { extra: 1 }]])
    const delegate = router.findHandler(makeRequest('/a/%41')) as unknown as { options: FindHandlerOptions }
    expect(delegate.options).toEqual({
      pathArgs: ['a', 'A'],
      pathKwargs: undefined,
      targetKwargs: { extra: 1 },
    })
  })
})

describe('targets', () => {
  async function served(
    rules: Iterable<RuleTuple<RuleTarget>>,
    ...requests: [uri: string, host: string][]
  ): Promise<string[]> {
    await using server = new HTTPServer(new RuleRouter(rules))
    server.listen(0, { address: '127.0.0.1' })
    await using client = await RawClient.open((await server.bound).port)
    const answers: string[] = []
    for (const [uri, host] of requests) {
      const { status, body } = await client.get(uri, { Host: host })
      answers.push(status === 200 ? body : String(status))
    }
    return answers
  }

  it('B-route-007 may be routers, delegates and functions', async () => {
    const answers = await served(
      [
        ['/function', answerJson(({ uri }) => uri)],
        [
          '/delegate',
          {
            startRequest: (_, connection) =>
              new (class extends QuietDelegate {
                override finish(): void {
                  answer(connection, 'delegate')
                }
              })(),
          },
        ],
        ['/router/.*', new RuleRouter([['/router/x', ({ connection }) => answer(connection!, 'nested')]])],
      ],
      ['/function?q', 'h'],
      ['/delegate', 'h'],
      ['/router/x', 'h'],
      ['/router/y', 'h'],
    )
    expect(answers).toEqual(['"/function?q"', 'delegate', 'nested', '404'])
  })

  it('B-route-006 a nested router that finds nothing lets later rules be tried', async () => {
    const say =
      (text: string) =>
      ({ connection }: HTTPServerRequest): void =>
        answer(connection!, text)
    const answers = await served(
      [
        [new HostMatches('one'), new RuleRouter([['/a', say('one a')]])],
        [new HostMatches('one|two'), new RuleRouter([['/b', say('either b')]])],
        ['/.*', say('any')],
      ],
      ['/a', 'one'],
      ['/a', 'two'],
      ['/b', 'one:8888'],
      ['/b', 'TWO'],
      ['/c', 'one'],
    )
    expect(answers).toEqual(['one a', 'any', 'either b', 'either b', 'any'])
  })

  it('that are nothing of the kind find nobody', () => {
    const router = new RuleRouter([['/a', 'text' as unknown as RuleTarget]])
    expect(router.findHandler(makeRequest('/a'))).toBeNull()
  })
})

describe('a router alone', () => {
  it('B-route-012 answers a bare 404 when it finds nobody', async () => {
    class Nothing extends Router {
      override findHandler(): null {
        return null
      }
    }
    await using server = new HTTPServer(new Nothing())
    server.listen(0, { address: '127.0.0.1' })
    await using client = await RawClient.open((await server.bound).port)
    client.send(
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbodyGET / HTTP/1.1\r\nHost: x\r\n\r\n',
    )
    for (let i = 0; i < 2; i++) {
      expect(await client.until('\r\n\r\n')).toBe('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n')
    }
  })

  it('routes by whatever it likes, and its delegate gets head, body and end', async () => {
    class ByMethod extends Router {
      override findHandler({ method, connection }: HTTPServerRequest): HTTPMessageDelegate | null {
        if (method !== 'POST') return null
        return new (class extends QuietDelegate {
          #text = ''
          override headersReceived(...[startLine]: Parameters<QuietDelegate['headersReceived']>): void {
            this.#text = startLine.version
          }
          override dataReceived(chunk: Buffer): void {
            this.#text += ` ${chunk.toString()}`
          }
          override finish(): void {
            answer(connection!, this.#text)
          }
        })()
      }
    }
    await using server = new HTTPServer(new ByMethod())
    server.listen(0, { address: '127.0.0.1' })
    await using client = await RawClient.open((await server.bound).port)
    client.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody')
    expect((await client.response()).body).toBe('HTTP/1.1 body')
    expect((await client.get('/')).status).toBe(404)
  })

  it('tells the delegate when the peer goes before the end', async () => {
    const closed = Promise.withResolvers<string>()
    class Any extends Router {
      override findHandler(): HTTPMessageDelegate {
        return new (class extends QuietDelegate {
          override onConnectionClose(): void {
            closed.resolve('closed')
          }
          override finish(): void {
            closed.resolve('finished')
          }
        })()
      }
    }
    await using server = new HTTPServer(new Any())
    server.listen(0, { address: '127.0.0.1' })
    await using client = await RawClient.open((await server.bound).port)
    client.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbo')
    client.end()
    expect(await closed.promise).toBe('closed')
  })
})
