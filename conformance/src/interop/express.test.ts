import { toNodeListener } from '@tornado-ts/httpserver'
import express, { type Express } from 'express'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { interopRouter, streamed, type Seen } from './application.ts'

async function serving(app: Express, run: (url: string) => Promise<void>): Promise<void> {
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  server.closeAllConnections()
  server.close()
}

it('an application under a path of Express, beside routes of its own', async () => {
  const app = express()
  app.get('/hello', (_, response) => void response.send('Hello of Express'))
  app.use('/old', toNodeListener(interopRouter()))
  await serving(app, async (url) => {
    expect(await (await fetch(`${url}/hello`)).text()).toBe('Hello of Express')
    expect(await (await fetch(`${url}/old/hello`)).text()).toBe('Hello, world')
    expect(await (await fetch(`${url}/old/stream/20`)).text()).toBe(streamed(20))
    const response = await fetch(`${url}/old/seen?q=1`, {
      method: 'POST',
      body: new URLSearchParams({ a: '1' }),
    })
    const seen = (await response.json()) as Seen
    expect([response.headers.get('X-Powered-By'), seen.uri, seen.names]).toEqual([
      'Express',
      '/seen?q=1',
      ['a'],
    ])
    expect((await fetch(`${url}/old/missing`)).status).toBe(404)
    expect((await fetch(`${url}/missing`)).status).toBe(404)
  })
})

it('behind body parsers that keep the bytes', async () => {
  const app = express()
  const keep = (request: object, _: unknown, bytes: Buffer): void =>
    void Object.assign(request, { rawBody: bytes })
  app.use(express.json({ verify: keep }), toNodeListener(interopRouter()))
  await serving(app, async (url) => {
    const headers = { 'Content-Type': 'application/json' }
    const response = await fetch(`${url}/upload`, { method: 'POST', body: '{"a":1}', headers })
    expect(await response.text()).toMatch(/^7 /)
  })
})
