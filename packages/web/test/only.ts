import { Application } from '../src/application.ts'
import { RequestHandler } from '../src/request-handler.ts'

/** An application with one handler at every path. */
export const only = (
  handler: typeof RequestHandler | (new (...args: never[]) => RequestHandler),
): Application => new Application([['.*', handler as typeof RequestHandler]], { logFunction: () => {} })
