import { createServer } from 'node:http'
import express from 'express'
import { routePrefixes, type AppSpec, type StaticApp } from '../app-spec.ts'
import { listen } from '../server-program.ts'
import { makeStaticFile } from '../static-file.ts'

export function serve(app: AppSpec | StaticApp): Promise<number> {
  const application = express()
  switch (app.kind) {
    case 'hello':
      application.get('/', (_request, response) => void response.send(app.answer))
      break
    case 'json':
      application.get('/json', (_request, response) => void response.json(app.document))
      break
    case 'form':
      application.use(express.urlencoded())
      application.post('/form', (request, response) => {
        const { name, text }: { name: string; text: string } = request.body
        response.send(`${name.length} ${text.length}`)
      })
      break
    case 'static':
      makeStaticFile(app)
      application.use('/static', express.static(app.directory))
      break
    case 'routes':
      for (const prefix of routePrefixes(app.count)) {
        application.get(
          new RegExp(`^${prefix}(\\d+)$`),
          (request, response) => void response.send(request.params[0]),
        )
      }
      break
  }
  return listen(createServer(application))
}
