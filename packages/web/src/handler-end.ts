import { appLog } from '@tornado-ts/log'
import type { RequestHandler } from './request-handler.ts'
import { connectionOf, responseOf } from './output/response-writer.ts'

/**
 * What follows a response, however it ended: its line in the access log, and `onFinish`. The response is sent, so what fails here is
 * no business of who has ended it.
 */
export function responseEnded<Settings extends object>(handler: RequestHandler<Settings>): void {
  const response = responseOf(handler)
  response.finished = true
  // A request whose client left before there was an answer has no status to be logged.
  if (response.headersWritten) {
    try {
      handler.application.logRequest(handler)
    } catch (error) {
      logFailure(handler, error)
    }
  }
  try {
    handler.onFinish()
  } catch (error) {
    logFailure(handler, error)
  }
}

/** The client has gone: nobody is left to be answered. */
export function abandon<Settings extends object>(handler: RequestHandler<Settings>): void {
  const { finished, output } = responseOf(handler)
  if (finished) return
  output?.close()
  responseEnded(handler)
}

/** Cuts the connection: the client must not take what it got for a whole response. */
export function breakOff<Settings extends object>(handler: RequestHandler<Settings>): void {
  responseOf(handler).output?.close()
  connectionOf(handler).abort()
  responseEnded(handler)
}

/** Logs what was thrown by the handler's own `logException`, which may fail as well. */
export function logFailure<Settings extends object>(handler: RequestHandler<Settings>, error: unknown): void {
  try {
    handler.logException(error)
  } catch (failure) {
    appLog.error('Error in exception logger', failure)
  }
}
