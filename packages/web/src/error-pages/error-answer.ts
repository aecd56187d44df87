import { xhtmlEscape } from '@tornado-ts/escape'
import { appLog, genLog } from '@tornado-ts/log'
import { mayShowErrors, writeErrorPage } from './error-page.ts'
import { HTTPError } from '../errors.ts'
import { abandon, breakOff } from '../handler-end.ts'
import { allowedMethods } from '../handler-methods.ts'
import { lastPageOf } from '../pages/page-writer.ts'
import { ProblemError, writeProblem } from './problem.ts'
import type { HandlerResult, RequestHandler } from '../request-handler.ts'
import { responseOf } from '../output/response-writer.ts'

/** Options of {@link RequestHandler.sendError}. */
export interface ErrorPageOptions {
  /** What was thrown. @default nothing */
  error?: unknown
  /** Reason phrase. @default the error's, or the standard one */
  reason?: string
}

/** What was thrown as an {@link HTTPError} that can be answered, or `null` when it is something else: status 500. */
export function toHTTPError(error: unknown): HTTPError | null {
  if (error instanceof HTTPError) return isFinal(error.statusCode) ? error : null
  if (!(error instanceof Error) || error.name !== 'HTTPInputError') return null
  const { status = 400 } = error as { status?: number }
  return new HTTPError(status, error.message, { cause: error })
}

/**
 * Ends a response with the page of a status, by the handler's own `writeError`; one that has begun is broken off.
 *
 * @param base What a handler has that overrides no method.
 */
export function answerError<Settings extends object>(
  handler: RequestHandler<Settings>,
  statusCode: number,
  { error, reason }: ErrorPageOptions,
  base: object,
): void {
  if (!isFinal(statusCode)) throw new RangeError(`Cannot answer an error with status ${statusCode}`)
  const response = responseOf(handler)
  if (response.headersWritten) {
    genLog.error('Cannot send error response after headers written')
    if (!response.finished) breakOff(handler)
    return
  }
  const pageBefore = lastPageOf(handler)?.pending ?? null
  let written: HandlerResult = undefined
  try {
    handler.clear()
    handler.setStatus(statusCode, reason ?? ((error instanceof HTTPError && error.reason) || undefined))
    if (statusCode === 405) handler.setHeader('Allow', allowedMethods(handler, base))
    if (statusCode !== 304) written = handler.writeError(statusCode, { error })
  } catch (failure) {
    pageFailed(handler, statusCode, failure)
  }
  const page = lastPageOf(handler)?.pending ?? null
  const pending = written ?? (page === pageBefore ? null : page)
  if (pending !== null) void finishAfter(handler, statusCode, pending)
  else if (!response.finished) void handler.finish()
}

/** The body of the page of an error: problem details, what went wrong for clients that may see it, or the status in words. */
export function errorBody<Settings extends object>(
  handler: RequestHandler<Settings>,
  statusCode: number,
  error: unknown,
): string {
  if (error instanceof ProblemError) return writeProblem(handler, statusCode, error.problem)
  const { serveTraceback = false } = handler.settings
  if (error !== undefined && serveTraceback !== false) {
    if (serveTraceback === 'anyone' || mayShowErrors(handler.request))
      return writeErrorPage(handler, statusCode, error)
  }
  const title = xhtmlEscape(`${statusCode}: ${responseOf(handler).reason}`)
  return `<html><title>${title}</title><body>${title}</body></html>`
}

/** Whether a response can end with a status: an interim one is followed by another. */
function isFinal(statusCode: number): boolean {
  return Number.isInteger(statusCode) && statusCode >= 200 && statusCode <= 999
}

async function finishAfter<Settings extends object>(
  handler: RequestHandler<Settings>,
  statusCode: number,
  page: Promise<void>,
): Promise<void> {
  try {
    await page
  } catch (failure) {
    if (handler.request.signal.aborted) {
      abandon(handler)
      return
    }
    pageFailed(handler, statusCode, failure)
  }
  if (!responseOf(handler).finished) void handler.finish()
}

/** Leaves the status alone of the page; a page of which a part is sent is broken off. */
function pageFailed<Settings extends object>(
  handler: RequestHandler<Settings>,
  statusCode: number,
  failure: unknown,
): void {
  appLog.error('Uncaught exception in writeError', failure)
  const response = responseOf(handler)
  if (response.headersWritten) {
    if (!response.finished) breakOff(handler)
    return
  }
  response.body.clear()
  if (response.statusCode !== statusCode) response.setStatus(statusCode)
}
