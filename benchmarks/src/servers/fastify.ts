import formbody from '@fastify/formbody'
import staticFiles from '@fastify/static'
import fastify from 'fastify'
import { routePrefixes, type AppSpec, type StaticApp } from '../app-spec.ts'
import { loopback } from '../server-program.ts'
import { makeStaticFile } from '../static-file.ts'

export async function serve(app: AppSpec | StaticApp): Promise<number> {
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
