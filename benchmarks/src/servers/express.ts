import { createServer } from 'node:http'
import compression from 'compression'
import express from 'express'
import cookieParser from 'cookie-parser'
import { routePrefixes, type AppSpec, type InputSpec, type StaticApp } from '../app-spec.ts'
import { receiptOf } from '../order.ts'
import { listen } from '../server-program.ts'
import { makeStaticFile } from '../static-file.ts'

export function serve(app: AppSpec | InputSpec | StaticApp): Promise<number> {
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
    case 'order':
      application.use(express.json())
      application.post('/order', (request, response) => {
        const receipt = receiptOf(request.body)
        if (receipt === null) response.sendStatus(400)
        else response.json(receipt)
      })
      break
    case 'session':
      application.use(cookieParser(app.secret))
      application.get('/me', (request, response) => {
        const { express: user }: { express?: string | false } = request.signedCookies
        if (user === undefined || user === false) response.sendStatus(403)
        else response.send(user)
      })
      break
    case 'gzip':
      application.use(compression())
      application.get('/json', (_request, response) => void response.json(app.document))
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
