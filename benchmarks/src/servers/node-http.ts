import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { routePrefixes, type AppSpec } from '../app-spec.ts'
import { listen, type Serve } from '../server-program.ts'

export const serve: Serve = (app) => listen(createServer(listener(app)))

function listener(app: AppSpec): RequestListener {
  if (app.kind === 'hello') return (_request, response) => answer(response, app.answer)
  if (app.kind === 'json') {
    return (_request, response) => answer(response, JSON.stringify(app.document), 'application/json')
  }
  return app.kind === 'form' ? answerForm : answerRoutes(app.count)
}

function answer(response: ServerResponse, body: string, type = 'text/html; charset=UTF-8'): void {
  response.writeHead(200, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) })
  response.end(body)
}

function answerForm(request: IncomingMessage, response: ServerResponse): void {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const form = new URLSearchParams(Buffer.concat(chunks).toString())
    answer(response, `${form.get('name')?.length} ${form.get('text')?.length}`)
  })
}

/** What a program without a router does: its patterns, one after the other. */
function answerRoutes(count: number): RequestListener {
  const patterns = routePrefixes(count).map((prefix) => new RegExp(`^${prefix}(\\d+)$`))
  return (request, response) => {
    for (const pattern of patterns) {
      const match = pattern.exec(request.url ?? '')
      if (match?.[1] !== undefined) return answer(response, match[1])
    }
    response.writeHead(404).end()
  }
}
