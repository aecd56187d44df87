/** How grave a record is. The names and the order are those of Python's `logging`. */
export type LogLevel = 'debug' | 'info' | 'warning' | 'error' | 'critical'

/** Python's numbers for the levels, for comparing and for files that hold numbers. */
export const logLevels: Readonly<Record<LogLevel, number>> = {
  debug: 10,
  info: 20,
  warning: 30,
  error: 40,
  critical: 50,
}

/** The levels, least grave first. */
export const levelNames: readonly LogLevel[] = ['debug', 'info', 'warning', 'error', 'critical']

/**
 * The level with this name in any case (`'WARNING'`, `'warn'` and `'fatal'` too), or `null`.
 *
 * Tornado: the value of the `--logging` option.
 */
export function parseLogLevel(name: string): LogLevel | null {
  const lower = name.toLowerCase()
  if (lower === 'warn') return 'warning'
  if (lower === 'fatal') return 'critical'
  return levelNames.find((level) => level === lower) ?? null
}

/** @throws {TypeError} For what is no level's name. */
export function severityOf(level: LogLevel): number {
  const severity = Object.hasOwn(logLevels, level) ? logLevels[level] : undefined
  if (severity === undefined) throw new TypeError(`Unknown log level ${JSON.stringify(level)}`)
  return severity
}

/** The level whose number this is: the nearest at or below it, `debug` for all that is lower. */
export function levelOfSeverity(severity: number): LogLevel {
  if (severity >= 50) return 'critical'
  if (severity >= 40) return 'error'
  if (severity >= 30) return 'warning'
  return severity >= 20 ? 'info' : 'debug'
}
