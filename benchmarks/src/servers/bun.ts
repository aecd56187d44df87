// Runs in Bun, which strips the types too.
import { routePrefixes } from '../app-spec.ts'
import { loopback, type Serve } from '../server-program.ts'

type Handler = (request: Request & { params: Record<string, string> }) => Response | Promise<Response>

declare const Bun: {
  serve(options: { hostname: string; port: number; routes: Record<string, Handler> }): { port: number }
}

export const serve: Serve = async (app) => {
  const routes: Record<string, Handler> = {}
  switch (app.kind) {
    case 'hello':
      routes['/'] = () => new Response(app.answer)
      break
    case 'json':
      routes['/json'] = () => Response.json(app.document)
      break
    case 'form':
      routes['/form'] = async (request) => {
        const form = await request.formData()
        return new Response(`${fieldLength(form, 'name')} ${fieldLength(form, 'text')}`)
      }
      break
    case 'routes':
      for (const prefix of routePrefixes(app.count))
        routes[`${prefix}:id`] = (request) => new Response(request.params['id'])
      break
  }
  return Bun.serve({ hostname: loopback, port: 0, routes }).port
}

function fieldLength(form: FormData, name: string): number | undefined {
  const value = form.get(name)
  return typeof value === 'string' ? value.length : undefined
}
