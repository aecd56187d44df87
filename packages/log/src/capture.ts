import type { LogHandler, LogRecord } from './record.ts'
import { rootState, state } from './state.ts'

/** What {@link captureLogs} collects. */
export interface LogCapture {
  /** Records at warning or above, in order, that no `expectLog` claimed. */
  readonly unclaimed: readonly LogRecord[]
  /** Gives the logs back to the handlers that had them. A second call does nothing. */
  release(): void
}

/**
 * Collects warnings and above in place of the handlers that serve all loggers, until released.
 *
 * For the set-up of a test runner: a test after which `unclaimed` is not empty has a log line it did not expect.
 * Handlers of single loggers, and those added while it is active, get their records as ever.
 */
export function captureLogs(): LogCapture {
  const unclaimed: LogRecord[] = []
  const collector: LogHandler = {
    level: 'warning',
    handle(record) {
      unclaimed.push(record)
    },
  }
  const setAside = rootState.handlers.splice(0)
  state.setAside.push(setAside)
  rootState.handlers.push(collector)
  let active = true
  return {
    unclaimed,
    release() {
      if (!active) return
      active = false
      state.setAside.splice(state.setAside.indexOf(setAside), 1)
      rootState.handlers.splice(
        0,
        rootState.handlers.length,
        ...setAside,
        ...without(rootState.handlers, collector),
      )
    },
  }
}

function without(handlers: readonly LogHandler[], unwanted: LogHandler): LogHandler[] {
  return handlers.filter((handler) => handler !== unwanted)
}
