import type { RequestHandler } from '../request-handler.ts'

type Caller = (...args: never[]) => unknown
type Renderer = (handler: RequestHandler, name: string, values: object, caller: Caller) => string

let render: Renderer | null = null

/** Says how handlers render; modules cannot import those, for handlers import modules. */
export function setRenderer(renderer: Renderer): void {
  render = renderer
}

/** A template as text, with the names of a handler. Without a template path it is looked for where `caller` was called. */
export function renderWithin<Settings extends object>(
  handler: RequestHandler<Settings>,
  name: string,
  values: object,
  caller: Caller,
): string {
  return render!(handler as unknown as RequestHandler, name, values, caller)
}
