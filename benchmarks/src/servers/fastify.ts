import compress from '@fastify/compress'
import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import staticFiles from '@fastify/static'
import fastify from 'fastify'
import { routePrefixes, type AppSpec, type InputSpec, type StaticApp } from '../app-spec.ts'
import { receiptOf } from '../order.ts'
import { loopback } from '../server-program.ts'
import { makeStaticFile } from '../static-file.ts'

export async function serve(app: AppSpec | InputSpec | StaticApp): Promise<number> {
  const server = fastify()
  switch (app.kind) {
    case 'hello':
      server.get('/', (_request, reply) => reply.send(app.answer))
      break
    case 'json':
      server.get('/json', (_request, reply) => reply.send(app.document))
      break
    case 'form':
      server.register(formbody)
      server.post<{ Body: { name: string; text: string } }>('/form', (request, reply) =>
        reply.send(`${request.body.name.length} ${request.body.text.length}`),
      )
      break
    case 'order':
      server.post('/order', (request, reply) => {
        const receipt = receiptOf(request.body)
        return receipt === null ? reply.code(400).send() : reply.send(receipt)
      })
      break
    case 'session':
      server.register(cookie, { secret: app.secret })
      server.get('/me', (request, reply) => {
        const { valid, value } = request.unsignCookie(request.cookies['fastify'] ?? '')
        return valid ? reply.send(value) : reply.code(403).send()
      })
      break
    case 'gzip':
      await server.register(compress)
      server.get('/json', (_request, reply) => reply.send(app.document))
      break
    case 'static':
      makeStaticFile(app)
      server.register(staticFiles, { root: app.directory, prefix: '/static/' })
      break
    case 'routes':
      for (const prefix of routePrefixes(app.count)) {
        server.get<{ Params: { id: string } }>(`${prefix}:id(^\\d+$)`, (request, reply) =>
          reply.send(request.params.id),
        )
      }
      break
  }
  return Number(new URL(await server.listen({ port: 0, host: loopback })).port)
}
