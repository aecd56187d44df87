import { isFieldValue, isToken } from '@tornado-ts/httputil'
import { BufferInput } from './buffer-input.ts'
import type { Environ } from './environ.ts'
import { WSGIApplicationError } from './errors.ts'
import type { StartResponse, WSGIEnviron, WSGIFunction } from './wsgi-types.ts'

/** What an application function is called with, in a form that can be sent to another thread. */
export interface FunctionCall {
  readonly environ: Environ
  readonly urlScheme: 'http' | 'https'
  readonly body: Uint8Array
  readonly isMultithread: boolean
}

/** What it has answered; `errors` is what it wrote to `wsgi.errors`. */
export interface FunctionResult {
  readonly status: string
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Uint8Array[]
  readonly errors: string
}

/**
 * Calls an application and gathers what it answers.
 *
 * @throws {WSGIApplicationError} When it breaks the protocol.
 */
export function runFunction(application: WSGIFunction, call: FunctionCall): FunctionResult {
  let started: { status: string; headers: readonly (readonly [string, string])[] } | null = null
  let errors = ''
  const body: Uint8Array[] = []
  const write = (data: Uint8Array): void => {
    if (!(data instanceof Uint8Array)) throw new WSGIApplicationError('The body must consist of Uint8Array')
    if (started === null) throw new WSGIApplicationError('The application did not call startResponse')
    body.push(data)
  }
  const startResponse: StartResponse = (status, headers, error) => {
    if (started !== null && error === undefined) {
      throw new WSGIApplicationError('startResponse was already called')
    }
    checkHead(status, headers)
    started = { status, headers: [...headers] }
    return write
  }
  const environ: WSGIEnviron = {
    ...(call.environ as unknown as WSGIEnviron),
    'wsgi.version': [1, 0],
    'wsgi.url_scheme': call.urlScheme,
    'wsgi.input': new BufferInput(call.body),
    'wsgi.errors': {
      write: (text) => void (errors += text),
      writelines: (lines) => {
        for (const line of lines) errors += line
      },
      flush: () => {},
    },
    'wsgi.multithread': call.isMultithread,
    'wsgi.multiprocess': true,
    'wsgi.run_once': false,
  }
  const result = application(environ, startResponse)
  try {
    // A loop calls `return` of the iterator when it is left early.
    for (const data of result) write(data)
  } finally {
    ;(result as { close?: () => void }).close?.()
  }
  if (started === null) throw new WSGIApplicationError('The application did not call startResponse')
  const { status, headers } = started as { status: string; headers: readonly (readonly [string, string])[] }
  return { status, headers, body, errors }
}

function checkHead(status: string, headers: readonly (readonly [string, string])[]): void {
  if (typeof status !== 'string' || !statusPattern.test(status)) {
    throw new WSGIApplicationError(`Not a valid status: ${JSON.stringify(status)}`)
  }
  let hasLength = false
  for (const [name, value] of headers) {
    if (typeof name !== 'string' || !isToken(name)) {
      throw new WSGIApplicationError(`Not a valid header name: ${JSON.stringify(name)}`)
    }
    if (typeof value !== 'string' || !isFieldValue(value)) {
      throw new WSGIApplicationError(`Not a valid value of header ${name}: ${JSON.stringify(value)}`)
    }
    const lower = name.toLowerCase()
    if (hopByHop.has(lower)) throw new WSGIApplicationError(`Header ${name} belongs to the server`)
    if (lower !== 'content-length') continue
    if (hasLength) throw new WSGIApplicationError(`Header ${name} is there twice`)
    if (!lengthPattern.test(value)) {
      throw new WSGIApplicationError(`Not a valid value of header ${name}: ${JSON.stringify(value)}`)
    }
    hasLength = true
  }
}

const statusPattern = /^[2-9][0-9]{2} [\t\x20-\x7e\x80-\xff]*$/
const lengthPattern = /^[0-9]{1,15}$/
const hopByHop: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
