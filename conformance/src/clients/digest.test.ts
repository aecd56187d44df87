import { SimpleAsyncHTTPClient, type HTTPClientError } from '@tornado-ts/httpclient'
import { DigestSession } from '@tornado-ts/iostream/proxy'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { localhostCertificate, testAuthority } from '../../../scripts/vitest/certificates.ts'
import { describeEngines, failureOf } from './engine-suite.ts'
import { digestCount } from './digest-check.ts'
import { HTTPProxy } from './http-proxy.ts'
import { answer, RawServer, redirect, type RawHandler, type RawRequest } from './raw-server.ts'
import { serveTls } from './tls-server.ts'

const credentials = { authUsername: 'Mufasa', authPassword: 'Circle of Life', authMode: 'digest' } as const

/** The count of a request that answers the challenge rightly. */
function checkDigest({ method, path: uri, body, field }: RawRequest, challenge: string): string | null {
  const known = [credentials.authUsername, credentials.authPassword] as const
  return digestCount({ method, uri, body, field: field('Authorization') }, challenge, known)
}

function challengeOf(nonce: string, more = ''): string {
  return `Digest realm="x", qop="auth, auth-int", algorithm=SHA-256, nonce="${nonce}", opaque="o"${more}`
}

function refuse(challenge: string): Buffer {
  return answer('who?', { status: '401 Unauthorized', fields: `WWW-Authenticate: ${challenge}\r\n` })
}

describeEngines('digest authentication (RFC 7616)', (test) => {
  test('answers the challenge of a 401, over redirects of the same origin', async (client) => {
    const challenge = challengeOf('7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v')
    await using server = await RawServer.start((request) => {
      const count = checkDigest(request, challenge)
      if (count === null) return refuse(challenge)
      return request.path === '/a' ? redirect('/b') : answer(count)
    })
    expect((await client.fetch(server.url('/a'), credentials)).text()).toBe('00000002')
    expect(server.connections).toBe(1)
    const wrong = await failureOf(client.fetch(server.url('/a'), { ...credentials, authPassword: 'x' }))
    expect((wrong as HTTPClientError).code).toBe(401)
  })

  test('later requests to the same place need no further round trip', async (client) => {
    const challenge = challengeOf('once')
    const handler: RawHandler = (request) => {
      const count = checkDigest(request, challenge)
      return count === null ? refuse(challenge) : answer(count)
    }
    await using server = await RawServer.start(handler)
    await using other = await RawServer.start(handler)
    for (const path of ['/a', '/b?c', '/d']) await client.fetch(server.url(path), credentials)
    const seen = server.requests.map((request) => checkDigest(request, challenge))
    expect(seen).toEqual([null, '00000001', '00000002', '00000003'])
    // Another origin, and another name at this one, are other places.
    await client.fetch(other.url(), credentials)
    expect(other.requests.map(({ field }) => field('Authorization') !== undefined)).toEqual([false, true])
    const nobody = await client.fetch(server.url(), { raiseError: false })
    const another = await client.fetch(server.url(), {
      ...credentials,
      authUsername: 'Scar',
      raiseError: false,
    })
    expect([nobody.code, another.code]).toEqual([401, 401])
    const [plain, first] = server.requests.slice(4)
    expect([plain!.field('Authorization'), first!.field('Authorization')]).toEqual([undefined, undefined])
  })

  for (const stale of [', stale=true', '']) {
    test(`a nonce that the server has dropped is replaced, ${stale === '' ? 'not' : ''} called stale`, async (client) => {
      let challenge = challengeOf('first')
      await using server = await RawServer.start((request) => {
        const count = checkDigest(request, challenge)
        const isStale = request.field('Authorization') !== undefined
        return count === null ? refuse(`${challenge}${isStale ? stale : ''}`) : answer(count)
      })
      const counts: string[] = []
      for (const nonce of ['first', 'first', 'second', 'second']) {
        challenge = challengeOf(nonce)
        counts.push((await client.fetch(server.url(), credentials)).text())
      }
      expect(counts).toEqual(['00000001', '00000002', '00000001', '00000002'])
      expect(server.requests).toHaveLength(6)
    })
  }

  test('the nonce to use next is taken from Authentication-Info', async (client) => {
    let number = 0
    await using server = await RawServer.start((request) => {
      const count = checkDigest(request, challengeOf(`n${number}`))
      if (count === null) return refuse(challengeOf(`n${number}`))
      number++
      return answer(count, { fields: `Authentication-Info: qop=auth, nextnonce="n${number}"\r\n` })
    })
    for (let i = 0; i < 3; i++)
      expect((await client.fetch(server.url(), credentials)).text()).toBe('00000001')
    expect(server.requests).toHaveLength(4)
  })

  test('a server that calls every nonce stale is not asked for ever', async (client) => {
    let number = 0
    await using server = await RawServer.start(() => refuse(challengeOf(`n${number++}`, ', stale=true')))
    const error = await failureOf(client.fetch(server.url(), credentials))
    expect((error as HTTPClientError).code).toBe(401)
    expect(server.requests).toHaveLength(4)
  })

  test('a body that is used up is not sent again, but the next request knows the nonce', async (client) => {
    const challenge = challengeOf('known')
    await using server = await RawServer.start((request) => {
      const count = checkDigest(request, challenge)
      return count === null ? refuse(challenge) : answer(count)
    })
    const send = (): Promise<{ code: number }> => {
      async function* pieces(): AsyncGenerator<string> {
        yield 'piece'
      }
      return client.fetch(server.url(), { ...credentials, method: 'PUT', body: pieces(), raiseError: false })
    }
    expect((await send()).code).toBe(401)
    expect((await send()).code).toBe(200)
  })

  test('auth-int covers the body, where the server asks for it', async (client) => {
    const challenge = 'Digest realm="x", qop="auth-int", algorithm=MD5, nonce="n"'
    await using server = await RawServer.start((request) =>
      checkDigest(request, challenge) === null ? refuse(challenge) : answer('in'),
    )
    const response = await client.fetch(server.url(), { ...credentials, method: 'POST', body: 'signed' })
    expect(response.text()).toBe('in')
    expect(server.requests.map(({ body }) => body.toString())).toEqual(['signed', 'signed'])
  })
})

describe('digest authentication at a proxy', () => {
  it('one that calls every nonce stale is not asked for ever, for a tunnel neither', async () => {
    let number = 0
    await using proxy = await RawServer.start(() => {
      const challenge = challengeOf(`n${number++}`, ', stale=true')
      return answer('', { status: '407 Who', fields: `Proxy-Authenticate: ${challenge}\r\n` })
    })
    await using client = new SimpleAsyncHTTPClient()
    const options = { proxyHost: '127.0.0.1', proxyPort: proxy.port, proxyAuthMode: 'digest' } as const
    const known = { ...options, proxyUsername: 'u', proxyPassword: 'p' }
    const forwarded = await failureOf(client.fetch('http://a.example/', known))
    expect([forwarded.message, proxy.requests.length]).toEqual(['HTTP 407: Who', 4])
    const tunnel = await failureOf(client.fetch('https://a.example/', known))
    expect([tunnel.name, proxy.requests.length]).toEqual(['ProxyError', 8])
  })

  it('a further tunnel needs no further connection, and a nonce that was dropped one more', async () => {
    let challenge = challengeOf('first')
    await using server = await serveTls(localhostCertificate(), () =>
      answer('x', { fields: 'Connection: close\r\n' }),
    )
    const counts: (string | null)[] = []
    await using proxy = await RawServer.start(({ method, path: uri, field }, socket) => {
      const known = [credentials.authUsername, credentials.authPassword] as const
      counts.push(digestCount({ method, uri, field: field('Proxy-Authorization') }, challenge, known))
      if (counts.at(-1) === null)
        return answer('', { status: '407 Who', fields: `Proxy-Authenticate: ${challenge}\r\n` })
      const upstream = connect(server.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Go on\r\n\r\n')
        socket.pipe(upstream).pipe(socket)
      })
      return undefined
    })
    await using client = new SimpleAsyncHTTPClient({
      defaults: {
        caCerts: testAuthority().certfile,
        proxyHost: '127.0.0.1',
        proxyPort: proxy.port,
        proxyUsername: credentials.authUsername,
        proxyPassword: credentials.authPassword,
        proxyAuthMode: 'digest',
      },
    })
    for (const nonce of ['first', 'first', 'second', 'second']) {
      challenge = challengeOf(nonce)
      expect((await client.fetch(`https://127.0.0.1:${server.port}/`)).text()).toBe('x')
    }
    expect(counts).toEqual([null, '00000001', '00000002', null, '00000001', '00000002'])
  })

  it('later requests by the same proxy need no further round trip', async () => {
    await using proxy = await HTTPProxy.start({ digest: ['u', 'p'] })
    await using client = new SimpleAsyncHTTPClient({
      defaults: {
        proxyHost: '127.0.0.1',
        proxyPort: proxy.port,
        proxyUsername: 'u',
        proxyPassword: 'p',
        proxyAuthMode: 'digest',
      },
    })
    for (const host of ['a', 'b', 'c']) await client.fetch(`http://${host}.example/`)
    expect(proxy.seen).toEqual([
      'GET http://a.example/',
      'GET http://a.example/ as Digest',
      'GET http://b.example/ as Digest',
      'GET http://c.example/ as Digest',
    ])
  })
})

describe('DigestSession', () => {
  it('the examples of RFC 7616 §3.9.1', () => {
    const cnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ'
    const nonce = '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v'
    const opaque = 'FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS'
    for (const [algorithm, response] of [
      ['MD5', '8ca523f5e9506fed4657c9700eebdbec'],
      ['SHA-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
    ]) {
      const session = new DigestSession('Mufasa', 'Circle of Life', () => cnonce)
      const challenge = `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="${nonce}", opaque="${opaque}"`
      expect(session.challenge([challenge])).toBe(true)
      const field = session.authorize('GET', '/dir/index.html')!
      expect(field).toContain(`response="${response}"`)
      expect(field).toContain('uri="/dir/index.html"')
      expect(session.challenge([challenge])).toBe(false)
      expect(session.challenge([`${challenge}, stale=true`])).toBe(true)
    }
  })
})
