// What all loggers of the process share. It holds plain data and lies on `globalThis`, so that two
// installed copies of this package log to the same handlers at the same levels. Its shape is a
// contract between versions: a change of it needs another key.
import type { LogContext, LogHandler, LogRecord } from './record.ts'

export interface LoggerState {
  readonly name: string
  /** Own severity; `null` inherits from the nearest ancestor that has one. */
  severity: number | null
  /** Records below it have no reader at all: `threshold`, or 0 while a test expects a line. */
  floor: number
  /** Records below it are kept from handlers. */
  threshold: number
  /** Whether the ancestors' handlers get this logger's records too. */
  propagate: boolean
  readonly handlers: LogHandler[]
}

/** What an active `expectLog` has registered. */
export interface Claim {
  /** Claims records of this logger and of those below it, which make all their records; the empty name is above all. */
  readonly logger: string
  /** Takes the record, which then reaches no handler, or answers false. */
  take(record: LogRecord): boolean
}

export interface LogState {
  readonly loggers: Map<string, LoggerState>
  /** Newest last. */
  readonly claims: Claim[]
  /** Asked for each record that is made. */
  readonly contexts: (() => LogContext | undefined)[]
  /** Handlers set aside while a test captures the logs. */
  readonly setAside: LogHandler[][]
}

const key = Symbol.for('tornado.log.v1')
const warning = 30

function createState(): LogState {
  const root = {
    name: '',
    severity: warning,
    floor: warning,
    threshold: warning,
    propagate: false,
    handlers: [],
  }
  return { loggers: new Map([['', root]]), claims: [], contexts: [], setAside: [] }
}

const holder: { [key]?: LogState } & object = globalThis

export const state: LogState = (holder[key] ??= createState())

export const rootState: LoggerState = stateOf('')

export function stateOf(name: string): LoggerState {
  let found = state.loggers.get(name)
  if (found === undefined) {
    found = { name, severity: null, floor: 0, threshold: 0, propagate: true, handlers: [] }
    state.loggers.set(name, found)
    updateThreshold(found)
  }
  return found
}

/** The nearest logger above that exists; `null` for the root. */
export function parentOf(logger: LoggerState): LoggerState | null {
  let { name } = logger
  while (name !== '') {
    name = name.slice(0, Math.max(0, name.lastIndexOf('.')))
    const parent = state.loggers.get(name)
    if (parent !== undefined) return parent
  }
  return null
}

export function covers(ancestor: string, name: string): boolean {
  return ancestor === '' || ancestor === name || name.startsWith(`${ancestor}.`)
}

function updateThreshold(logger: LoggerState): void {
  let source: LoggerState | null = logger
  while (source !== null && source.severity === null) source = parentOf(source)
  logger.threshold = source?.severity ?? 0
  logger.floor = state.claims.some((claim) => covers(claim.logger, logger.name)) ? 0 : logger.threshold
}

/** To be called after any change of a level or of the claims; it keeps the check in each log call to one comparison. */
export function updateThresholds(): void {
  for (const logger of state.loggers.values()) updateThreshold(logger)
}
