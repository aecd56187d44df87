import type { RequestHandler } from '../request-handler.ts'
import { responseOf } from './response-writer.ts'

/** Gives a whole response of GET or HEAD its entity tag, and makes it a 304 when the client has it already. */
export function answerUnchanged<Settings extends object>(handler: RequestHandler<Settings>): void {
  const { method } = handler.request
  const response = responseOf(handler)
  if (response.statusCode !== 200 || (method !== 'GET' && method !== 'HEAD') || response.headers.has('Etag'))
    return
  handler.setEtagHeader()
  if (!handler.checkEtagHeader()) return
  response.body.clear()
  response.setStatus(304)
}
