import type { LogCaller } from './record.ts'

const location = /(?:\(|\bat (?:async )?)((?:file:\/\/|[a-z]+:|\/|[A-Za-z]:\\)[^\n]*?):(\d+):\d+\)?$/m
const anonymousNames = /^(?:index|main|chunk-\w+)$/
const maxCallers = 1000
const callers = new Map<string, LogCaller | null>()
const sourceDirectories = new Set(['dist', 'src', 'lib', 'build', 'esm', 'out'])

/**
 * The place that called the caller of `hidden`, from a stack trace of two frames.
 *
 * `null` where there is none to be had: the program replaced `Error.prepareStackTrace`, or the caller is native code.
 */
export function findCaller(hidden: (...parameters: never[]) => unknown): LogCaller | null {
  const holder: { stack?: unknown } = {}
  const limit = Error.stackTraceLimit
  try {
    Error.stackTraceLimit = 2
    Error.captureStackTrace(holder, hidden)
    const { stack } = holder
    return typeof stack === 'string' ? knownCaller(stack.slice(stack.lastIndexOf('\n'))) : null
  } finally {
    Error.stackTraceLimit = limit
  }
}

/** `parseCaller` of a frame seen before; programs have few log calls, and reading a frame takes as long as making it. */
function knownCaller(frame: string): LogCaller | null {
  let caller = callers.get(frame)
  if (caller === undefined) {
    caller = parseCaller(frame)
    if (callers.size >= maxCallers) callers.clear()
    callers.set(frame, caller)
  }
  return caller
}

/** The first place that a stack trace names. */
export function parseCaller(stack: string): LogCaller | null {
  const match = location.exec(stack)
  if (match === null) return null
  const file = match[1] ?? ''
  return { module: moduleName(file), file, line: Number(match[2]) }
}

/** `…/chat/rooms.ts` → `rooms`; `…/node_modules/@tornado-ts/web/dist/index.js` → `web`. */
export function moduleName(file: string): string {
  const parts = file
    .replace(/[?#].*$/, '')
    .split(/[/\\]/)
    .filter((part) => part !== '')
  const name = (parts.pop() ?? '').replace(/\.[^.]*$/, '')
  if (!anonymousNames.test(name)) return name
  return parts.findLast((part) => !sourceDirectories.has(part)) ?? name
}
