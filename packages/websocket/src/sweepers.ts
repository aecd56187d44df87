import { DeadlineSweeper } from '@tornado-ts/http1'

/** One timer for all connections of the process whose time-outs are of about the same length. */
const sweepers = new Map<number, DeadlineSweeper>()

export function sweeperFor(shortestTimeoutMs: number): DeadlineSweeper {
  const key = Math.min(12, Math.max(0, Math.floor(Math.log2(shortestTimeoutMs))))
  let sweeper = sweepers.get(key)
  if (sweeper === undefined) sweepers.set(key, (sweeper = new DeadlineSweeper(2 ** key)))
  return sweeper
}
