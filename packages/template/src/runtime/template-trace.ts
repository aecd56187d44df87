import { NameError } from '../errors.ts'
import { describePosition, type TemplatePosition } from './position.ts'

interface Trace {
  readonly stack: string
  readonly positions: TemplatePosition[]
}

/** An error that is made once and thrown again and again must not grow without end. */
const maxPositions = 32

const traces = new WeakMap<object, Trace>()

/**
 * The places in templates that an error came by on its way out, innermost first; none if it came by none. They also
 * stand in its `stack`, before everything else. No more than 32 are kept.
 */
export function templateTrace(error: unknown): readonly TemplatePosition[] {
  return (typeof error === 'object' && error !== null && traces.get(error)?.positions) || []
}

/** Notes where in a template an error came from, and answers the same error. What is no `Error` cannot be noted on. */
export function traceError(error: unknown, position: TemplatePosition | undefined): unknown {
  if (!(error instanceof Error) || position === undefined) return error
  let trace = traces.get(error)
  if (trace === undefined) {
    trace = { stack: firstStack(error, position), positions: [] }
    traces.set(error, trace)
  }
  if (trace.positions.length === maxPositions) return error
  trace.positions.push(position)
  const frames = trace.positions.map((each) => `\n    at template ${describePosition(each)}`)
  const end = trace.stack.indexOf('\n    at ')
  const header = end === -1 ? trace.stack : trace.stack.slice(0, end)
  const rest = end === -1 ? '' : trace.stack.slice(end)
  setQuietly(error, 'stack', header + frames.join('') + rest)
  return error
}

function firstStack(error: Error, position: TemplatePosition): string {
  const stack = String(error.stack ?? error)
  if (!(error instanceof NameError)) return stack
  const message = `${error.message} at ${describePosition(position)}`
  const located = stack.replace(error.message, () => message)
  setQuietly(error, 'message', message)
  return located
}

/** An error may be frozen; the one who threw it wants it nonetheless. */
function setQuietly(error: Error, property: 'message' | 'stack', value: string): void {
  Reflect.set(error, property, value)
}
