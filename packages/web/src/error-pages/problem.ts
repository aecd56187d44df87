import { jsonEncode, xhtmlEscape } from '@tornado-ts/escape'
import { parseQualityList, responses } from '@tornado-ts/httputil'
import { HTTPError, type HTTPErrorOptions } from '../errors.ts'
import type { ResponseWriter } from '../output/response-writer.ts'

/** Members of the problem that a {@link ProblemError} tells the client of. All of them are public. */
export interface ProblemDetails {
  /** URI that names the kind of problem. @default 'about:blank', the status says it all */
  readonly type?: string
  /** The kind of problem in words. @default the phrase of the status */
  readonly title?: string
  /** What is wrong this time, for people. @default none */
  readonly detail?: string
  /** URI of this occurrence. @default none */
  readonly instance?: string
  /** Members of your own. */
  readonly [member: string]: unknown
}

/**
 * Ends a request with a status and problem details, which the client gets as JSON (`application/problem+json`), or as a page
 * when it would rather have HTML.
 *
 * @see RFC 9457
 */
export class ProblemError extends HTTPError {
  override readonly name: string = 'ProblemError'
  readonly problem: ProblemDetails

  constructor(
    statusCode: number,
    problem: ProblemDetails,
    { logMessage, ...options }: HTTPErrorOptions & { logMessage?: string } = {},
  ) {
    super(statusCode, logMessage ?? problem.detail ?? problem.title, options)
    this.problem = problem
  }
}

/** Sets the content type of a problem in the form that the client would rather have, and answers the body. */
export function writeProblem<Settings extends object>(
  writer: ResponseWriter<Settings>,
  statusCode: number,
  { type = 'about:blank', title = responses[statusCode] ?? 'Unknown', ...members }: ProblemDetails,
): string {
  writer.addHeader('Vary', 'Accept')
  if (!prefersHtml(writer.request.headers.get('Accept'))) {
    writer.setHeader('Content-Type', 'application/problem+json')
    return jsonEncode({ type, title, status: statusCode, ...members })
  }
  const heading = xhtmlEscape(`${statusCode}: ${title}`)
  const detail = members.detail === undefined ? '' : `<p>${xhtmlEscape(members.detail)}</p>`
  const list = htmlErrors(members['errors'])
  return `<html><title>${heading}</title><body><h1>${heading}</h1>${detail}${list}</body></html>`
}

/** Whether a client weighs HTML higher than JSON, as browsers do. One that does not care gets JSON. */
function prefersHtml(accept: string | undefined): boolean {
  if (accept === undefined) return false
  let html = 0
  let json = 0
  for (const { value, quality } of parseQualityList(accept)) {
    if (value === 'text/html' || value === 'application/xhtml+xml') html = Math.max(html, quality)
    else if (value === 'application/json' || value.endsWith('+json')) json = Math.max(json, quality)
  }
  return html > json
}

function htmlErrors(errors: unknown): string {
  if (!Array.isArray(errors)) return ''
  const items = errors.map((error: { in?: unknown; path?: unknown; message?: unknown }) => {
    const where = [error.in, ...(Array.isArray(error.path) ? error.path : [])].join('.')
    return `<li><code>${xhtmlEscape(where)}</code> ${xhtmlEscape(String(error.message))}</li>`
  })
  return `<ul>${items.join('')}</ul>`
}
