import type { FetchOptions } from '@tornado-ts/httpclient'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { CurlAsyncHTTPClient } from './curl-async-http-client.ts'
import type { CurlHandle } from './curl-handle.ts'
import { hasLibcurl } from '../test/has-libcurl.ts'

type Variant = (url: string) => FetchOptions & { path?: string }

const variants: Readonly<Record<string, Variant>> = {
  nothing: () => ({}),
  'nothing, again': () => ({}),
  'another path': () => ({ path: 'other?q=1' }),
  'a field': () => ({ headers: { 'X-Own': 'yes' } }),
  'another field': () => ({ headers: { 'X-Other': 'yes', Accept: 'text/plain' } }),
  'a password': () => ({ authUsername: 'u', authPassword: 'p' }),
  cookies: () => ({ headers: { Cookie: 'a=1' } }),
  'no encodings': () => ({ decompressResponse: false, userAgent: '' }),
  'time limits': () => ({ connectTimeoutMs: 7_000, requestTimeoutMs: 0 }),
  'other time limits': () => ({ connectTimeoutMs: 0, requestTimeoutMs: 9_000, allowIpv6: false }),
  HEAD: () => ({ method: 'HEAD' }),
  DELETE: () => ({ method: 'DELETE' }),
  POST: () => ({ method: 'POST', body: 'secret' }),
  PUT: () => ({ method: 'PUT', body: 'more', headers: { 'Content-Type': 'text/plain' } }),
  'a body in pieces': () => ({
    method: 'POST',
    bodyProducer: async (write) => await write('piece'),
    expect100Continue: true,
  }),
  'a proxy': (url) => ({ proxy: url, proxyUsername: 'pu', proxyPassword: 'pp' }),
  'a bare proxy': (url) => ({ proxy: url }),
  'a callback': () => ({
    prepareCurlCallback: (handle: CurlHandle) => {
      handle.setopt(10_022, 'c=1')
      handle.setopt(10_018, 'agent')
      handle.setopt(10_005, 'user:password')
    },
  }),
}

it.skipIf(!hasLibcurl)('B-curl-001 no request differs for the one that its handle had before', async () => {
  const seen: string[] = []
  const server = createServer((request, response) => {
    const { method, url, rawHeaders } = request
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      seen.push(JSON.stringify([method, url, rawHeaders, body]))
      response.end()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`

  const make = (): CurlAsyncHTTPClient => new CurlAsyncHTTPClient({ maxClients: 1 })
  const send = async (client: CurlAsyncHTTPClient, variant: Variant): Promise<string> => {
    const { path = '', ...options } = variant(url)
    await client.fetch(url + path, options)
    return seen.pop()!
  }
  const alone = new Map<Variant, string>()
  for (const variant of Object.values(variants)) {
    const client = make()
    alone.set(variant, await send(client, variant))
    client.close()
  }
  const client = make()
  for (const [before, first] of Object.entries(variants)) {
    for (const [name, second] of Object.entries(variants)) {
      await send(client, first)
      expect([before, name, await send(client, second)]).toEqual([before, name, alone.get(second)])
    }
  }
  client.close()
  server.closeAllConnections()
  server.close()
})
