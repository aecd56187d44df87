// Standing between a caller and a child process without getting in the way.
import { constants } from 'node:os'

const endings = ['SIGINT', 'SIGTERM', 'SIGHUP']

/**
 * Sends the signals that ask for an end on to `child`, and keeps this process alive until the child is done.
 * What a terminal sends it sends to the child as well, and a second Ctrl-C would cut short what the first began.
 */
export function passSignalsTo(child) {
  const fromTerminal = process.stdin.isTTY === true ? ['SIGINT', 'SIGHUP'] : []
  const listeners = endings.map((signal) => {
    return [signal, () => fromTerminal.includes(signal) || child.kill(signal)]
  })
  for (const [signal, listener] of listeners) process.on(signal, listener)
  child.on('exit', () => {
    for (const [signal, listener] of listeners) process.off(signal, listener)
  })
}

/** Ends this process with its child's status, or as shells do (128 + number) after a signal. */
export function exitLike(status, signal) {
  process.exit(status ?? 128 + (constants.signals[signal] ?? 0))
}
