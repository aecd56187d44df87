import { serve as listen } from '@hono/node-server'
import { Hono } from 'hono'
import { routePrefixes } from '../app-spec.ts'
import { loopback, type Serve } from '../server-program.ts'

export const serve: Serve = (app) => {
  const hono = new Hono()
  switch (app.kind) {
    case 'hello':
      hono.get('/', (context) => context.text(app.answer))
      break
    case 'json':
      hono.get('/json', (context) => context.json(app.document))
      break
    case 'form':
      hono.post('/form', async (context) => {
        const { name, text } = await context.req.parseBody<{ name: string; text: string }>()
        return context.text(`${name.length} ${text.length}`)
      })
      break
    case 'routes':
      for (const prefix of routePrefixes(app.count)) {
        hono.get(`${prefix}:id{[0-9]+}`, (context) => context.text(context.req.param('id') ?? ''))
      }
      break
  }
  return new Promise((resolve) => {
    listen({ fetch: hono.fetch, hostname: loopback, port: 0 }, ({ port }) => resolve(port))
  })
}
