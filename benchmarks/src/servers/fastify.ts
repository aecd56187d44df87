import formbody from '@fastify/formbody'
import fastify from 'fastify'
import { routePrefixes } from '../app-spec.ts'
import { loopback, type Serve } from '../server-program.ts'

export const serve: Serve = async (app) => {
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
