import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { routePrefixes, type AppSpec, type TransferApp } from '../app-spec.ts'
import { listen } from '../server-program.ts'

export function serve(app: AppSpec | TransferApp): Promise<number> {
  return listen(createServer(listener(app)))
}

function listener(app: AppSpec | TransferApp): RequestListener {
  if (app.kind === 'upload') return countBody
  if (app.kind === 'download') return (_request, response) => void sendBody(response, app.size)
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

function countBody(request: IncomingMessage, response: ServerResponse): void {
  let size = 0
  request.on('data', (chunk: Buffer) => (size += chunk.length))
  request.on('end', () => answer(response, String(size)))
}

async function sendBody(response: ServerResponse, size: number): Promise<void> {
  const piece = Buffer.alloc(65_536, 'x')
  for (let sent = 0; sent < size; sent += piece.length) {
    if (!response.write(piece)) await once(response, 'drain')
  }
  response.end()
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
