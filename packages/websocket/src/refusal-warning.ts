import { genLog } from '@tornado-ts/log'

/**
 * Logs that a message for a slow peer was refused, if that was not logged within the last minute: a crowd of slow peers must not
 * fill the log.
 */
export function warnOfRefusal(): void {
  const nowMs = performance.now()
  if (nowMs < quietUntilMs) return
  quietUntilMs = nowMs + quietMs
  genLog.warning('A message for a slow WebSocket was refused: await what writeMessage answers')
}

const quietMs = 60_000
let quietUntilMs = -Infinity
