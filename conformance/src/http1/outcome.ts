import { HTTP1Decoder } from '@tornado-ts/http1'

/** A message that a decoder gave, complete or not. */
export interface Message {
  readonly first: string
  body: string
  complete: boolean
}

/** What a decoder makes of bytes: its messages, and the status of the error that ended it, if one did. */
export interface Outcome {
  readonly messages: readonly Message[]
  readonly status: number | null
  readonly reason: string
  /** In a few words: `2 complete`, `1 complete, then 400`, `nothing yet`. */
  readonly brief: string
}

/** Decodes latin1 text in one piece, with the end of the input behind it if `end`. */
export function outcomeOf(
  raw: string,
  { role, end = false }: { role: 'server' | 'client'; end?: boolean },
): Outcome {
  const decoder = new HTTP1Decoder({ role })
  const messages: Message[] = []
  try {
    decoder.receive(Buffer.from(raw, 'latin1'))
    takeEvents(decoder, messages)
    if (end) {
      decoder.receiveEnd()
      takeEvents(decoder, messages)
    }
  } catch (error) {
    if (!(error instanceof Error && error.name === 'HTTPInputError')) throw error
    const { status } = error as Error & { status: number }
    return { messages, status, reason: error.message, brief: brief(messages, status) }
  }
  return { messages, status: null, reason: '', brief: brief(messages, null) }
}

function takeEvents(decoder: HTTP1Decoder, messages: Message[]): void {
  for (let event = decoder.next(); event !== null; event = decoder.next()) {
    if (event.kind === 'data') messages.at(-1)!.body += event.data.toString('latin1')
    else if (event.kind === 'end') messages.at(-1)!.complete = true
    else if (event.kind === 'request') {
      messages.push({ first: `${event.method} ${event.target} ${event.version}`, body: '', complete: false })
    } else {
      messages.push({
        first: `${event.version} ${event.code} ${event.reason}`,
        body: '',
        complete: event.informational,
      })
    }
  }
}

function brief(messages: readonly Message[], status: number | null): string {
  const complete = messages.filter((message) => message.complete).length
  if (status !== null) return complete === 0 ? `${status}` : `${complete} complete, then ${status}`
  if (complete > 0) return `${complete} complete`
  return messages.length === 0 ? 'nothing yet' : 'a head'
}

/**
 * As {@link outcomeOf} for requests; if one lacks a Host line, with one for each. The data of other parsers rarely has them,
 * but RFC 9112 §3.2 asks for them.
 */
export function requestOutcomeOf(raw: string, options: { end?: boolean } = {}): Outcome {
  const outcome = outcomeOf(raw, { role: 'server', ...options })
  if (outcome.reason !== 'Missing Host header') return outcome
  const hosted = raw.replaceAll(
    /(^|\n)([!-~]+ [^\r\n ]+ HTTP\/1\.[1-9]\r\n)(?!(?:[^\r\n]+\r\n)*host:)/gi,
    '$1$2Host: h\r\n',
  )
  return outcomeOf(hosted, { role: 'server', ...options })
}
