import { jsonEncode, xhtmlEscape } from '@tornado-ts/escape'
import { parseQualityList, type HTTPServerRequest } from '@tornado-ts/httputil'
import { isIPv4 } from 'node:net'
import { errorPageStyle } from './error-page-style.ts'
import { reportError, type ErrorFrame, type ErrorReport } from './error-report.ts'
import { requestFacts, type Fact, type RequestFacts } from './request-facts.ts'
import { templateDirectoryOf } from '../pages/page-writer.ts'
import type { RequestHandler } from '../request-handler.ts'
import { responseOf } from '../output/response-writer.ts'
import { version } from '../version.ts'

/** What an error page is about. */
export interface ErrorPageInit {
  readonly statusCode: number
  readonly reason: string
  readonly error: unknown
  readonly request: HTTPServerRequest
  /** Directory of the templates that the stack may name. */
  readonly templatePath: string | null
}

/** A page with its content type. */
export interface ErrorPage {
  readonly contentType: string
  readonly body: string
}

/**
 * Whether the sender of a request may see what went wrong: it is on this machine, speaks for nobody else, and addressed the server by a
 * name that is this machine's in any case (a page of another site could have made its own name mean this machine).
 */
export function mayShowErrors(request: HTTPServerRequest): boolean {
  return (
    isLoopback(request.remoteIp) &&
    isLocalName(request.hostName) &&
    !proxyFields.some((name) => request.headers.has(name))
  )
}

/** Sets the headers of the page for developers, and answers its body. */
export function writeErrorPage<Settings extends object>(
  handler: RequestHandler<Settings>,
  statusCode: number,
  error: unknown,
): string {
  const { request } = handler
  const templatePath = templateDirectoryOf(handler)
  const page = makeErrorPage({ statusCode, reason: responseOf(handler).reason, error, request, templatePath })
  handler.setHeader('Content-Type', page.contentType)
  handler.setHeader('Cache-Control', 'no-store')
  handler.setHeader('X-Content-Type-Options', 'nosniff')
  handler.setHeader(
    'Content-Security-Policy',
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  )
  return page.body
}

/** A page for developers: HTML for browsers, JSON for those who ask for it, else text. */
export function makeErrorPage(init: ErrorPageInit): ErrorPage {
  const report = reportError(init.error, { templatePath: init.templatePath })
  switch (wantedForm(init.request.headers.get('Accept'))) {
    case 'html':
      return { contentType: 'text/html; charset=UTF-8', body: asHtml(init, report) }
    case 'json':
      return { contentType: 'application/json; charset=UTF-8', body: asJson(init, report) }
    case 'text':
      return { contentType: 'text/plain; charset=UTF-8', body: asText(report) }
  }
}

/** Sent by proxies, which may be on this machine while their clients are not. */
const proxyFields = ['Forwarded', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Real-Ip', 'Via']

function isLoopback(address: string): boolean {
  const ip = address.replace(/^::ffff:/i, '')
  return ip === '::1' || (isIPv4(ip) && ip.startsWith('127.'))
}

function isLocalName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost') || name === '[::1]' || isLoopback(name)
}

function wantedForm(accept: string | undefined): 'html' | 'json' | 'text' {
  for (const { value, quality } of parseQualityList(accept ?? '')) {
    if (quality === 0) break
    if (value === 'text/html' || value === 'application/xhtml+xml') return 'html'
    if (value === 'application/json' || value.endsWith('+json')) return 'json'
    if (value === 'text/plain' || value === 'text/*' || value === '*/*') return 'text'
  }
  return 'text'
}

function asText({ stack, cause }: ErrorReport): string {
  return cause === null ? stack : `${stack}\nCaused by: ${asText(cause)}`
}

function asJson({ statusCode, reason, request }: ErrorPageInit, report: ErrorReport): string {
  return jsonEncode({ status: statusCode, reason, error: errorAsJson(report), request: factsAsJson(request) })
}

function errorAsJson({ name, message, frames, stack, cause }: ErrorReport): object {
  return {
    name,
    message,
    stack: frames.length === 0 ? stack.split('\n') : frames.map(({ text }) => text),
    ...(cause === null ? {} : { cause: errorAsJson(cause) }),
  }
}

function factsAsJson(request: HTTPServerRequest): object {
  const { method, url, version: httpVersion, remoteIp, headers } = requestFacts(request)
  return { method, url, version: httpVersion, remoteIp, headers }
}

function asHtml({ statusCode, reason, request }: ErrorPageInit, report: ErrorReport): string {
  const facts = requestFacts(request)
  const title = xhtmlEscape(`${report.name}: ${report.message.split('\n')[0]!.slice(0, 200)}`)
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>${errorPageStyle}</style>
</head>
<body>
<header>
<p class="status"><b>${statusCode}</b> ${xhtmlEscape(reason)} <span>${xhtmlEscape(`${facts.method} ${facts.url}`)}</span></p>
${heading(report, 'h1')}
</header>
<main>
${errorSections(report)}
${requestSections(facts)}
</main>
<footer>The setting <code>serveTraceback</code> shows this page to clients on this machine. tornado-ts ${version}, Node ${process.version}.</footer>
</body>
</html>
`
}

function heading({ name, message }: ErrorReport, tag: 'h1' | 'h2'): string {
  return `<${tag}>${xhtmlEscape(name)}</${tag}>\n<pre class="message">${xhtmlEscape(message)}</pre>`
}

function errorSections(report: ErrorReport): string {
  const { frames, stack, cause } = report
  const opened = frames.findIndex(({ isOwn, source }) => isOwn && source !== null)
  const list = frames.map((frame, i) => frameElement(frame, i === opened)).join('\n')
  const trace = frames.length === 0 ? `<pre class="message">${xhtmlEscape(stack)}</pre>` : list
  const whole = `<details class="whole"><summary>As text</summary><pre>${xhtmlEscape(stack)}</pre></details>`
  const section = `<section>\n<h2>Stack</h2>\n${trace}\n${whole}\n</section>`
  if (cause === null) return section
  return `${section}\n<section class="cause">\n<p>Caused by</p>\n${heading(cause, 'h2')}\n</section>\n${errorSections(cause)}`
}

function frameElement(
  { text, functionName, file, line, isOwn, source }: ErrorFrame,
  isOpen: boolean,
): string {
  const kind = isOwn ? 'own' : 'other'
  const place = file === null ? '' : `<span class="place">${xhtmlEscape(file)}:${line}</span>`
  const name = functionName === '' && file === null ? text : functionName || 'anonymous'
  const label = `<span class="name">${xhtmlEscape(name)}</span> ${place}`
  if (source === null) return `<p class="frame ${kind}">${label}</p>`
  const rows = source.lines.map((code, i) => {
    const number = source.firstLine + i
    const mark = number === line ? ' class="here"' : ''
    return `<li${mark} value="${number}"><code>${xhtmlEscape(code)}</code></li>`
  })
  return `<details class="frame ${kind}"${isOpen ? ' open' : ''}><summary>${label}</summary><ol>${rows.join('')}</ol></details>`
}

function requestSections(facts: RequestFacts): string {
  const { method, url, version: httpVersion, remoteIp } = facts
  const line: Fact[] = [
    ['Method', method],
    ['URL', url],
    ['Version', httpVersion],
    ['Client', remoteIp],
  ]
  return [
    factSection('Request', line),
    factSection('Query', facts.queryArguments),
    factSection('Form', facts.bodyArguments),
    factSection('Files', facts.files),
    factSection('Cookies', facts.cookies),
    factSection('Headers', facts.headers),
  ].join('')
}

function factSection(title: string, facts: readonly Fact[]): string {
  if (facts.length === 0) return ''
  const rows = facts.map(
    ([name, value]) => `<tr><th>${xhtmlEscape(name)}</th><td>${xhtmlEscape(value)}</td></tr>`,
  )
  return `<section>\n<h2>${title}</h2>\n<table>${rows.join('\n')}</table>\n</section>\n`
}
