import { jsonEncode } from '@tornado-ts/escape'

/** An event as a page's `EventSource` gets it. */
export interface ServerSentEvent {
  /** What listeners are called for. One line. @default `message`, for the page */
  event?: string
  /** Text of any number of lines, or an object that becomes JSON. @default none; the page then gets '' if there is an `event`, else nothing */
  data?: string | object
  /** What the page will send as `Last-Event-ID` when it comes again. One line; empty to forget it. @default as before */
  id?: string
  /** Milliseconds that the page will wait before it comes again after a break. @default as before; browsers begin with a few seconds */
  retry?: number
}

/**
 * The text of an event.
 *
 * @throws {TypeError} When `event` or `id` has a line end or NUL: they would make other events.
 * @throws {RangeError} When `retry` is not a whole number from 0.
 * @see WHATWG HTML §9.2.6
 */
export function formatServerSentEvent({ event, data, id, retry }: ServerSentEvent): string {
  let text = ''
  if (id !== undefined) text += `id: ${oneLine('id', id)}\n`
  if (event !== undefined) text += `event: ${oneLine('event', event)}\n`
  if (retry !== undefined) {
    if (!Number.isSafeInteger(retry) || retry < 0)
      throw new RangeError(`retry must be milliseconds, not ${retry}`)
    text += `retry: ${retry}\n`
  }
  if (data !== undefined) text += dataLines(typeof data === 'string' ? data : jsonEncode(data))
  else if (event !== undefined) text += 'data\n'
  return `${text}\n`
}

/** A comment, which the page does not see. */
export function formatComment(comment: string): string {
  return `${comment
    .split(lineEnd)
    .map((line) => `: ${line}\n`)
    .join('')}\n`
}

function oneLine(name: string, value: string): string {
  if (typeof value !== 'string' || /[\r\n\0]/.test(value)) {
    throw new TypeError(`${name} of an event must be one line without NUL`)
  }
  return value
}

function dataLines(data: string): string {
  if (!/[\r\n]/.test(data)) return `data: ${data}\n`
  return data
    .split(lineEnd)
    .map((line) => `data: ${line}\n`)
    .join('')
}

const lineEnd = /\r\n|\r|\n/
