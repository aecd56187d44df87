import { genLog } from '@tornado-ts/log'
import cluster from 'node:cluster'
import { BoundSocket } from '../tcp/bound-socket.ts'
import { cpuCount } from './cpu-count.ts'
import { ProcessSupervisor } from './process-supervisor.ts'

/** Options of {@link forkProcesses}. */
export interface ForkOptions {
  /** How often, in total, a process that failed is replaced. @default 100 */
  maxRestarts?: number | undefined
  /**
   * How long the second replacement of a process waits that never ran for {@link healthyAfterMs}; the first does not, and
   * each further one waits twice as long, at most 10 s. In ms. @default 100
   */
  restartDelayMs?: number | undefined
  /** How long a process must have run for its next failure to count as the first. In ms. @default 10_000 */
  healthyAfterMs?: number | undefined
  /** How long processes have to end after SIGTERM or SIGINT; then they are killed. In ms. @default 10_000 */
  graceMs?: number | undefined
}

/**
 * Runs this program in several new processes. In each of them the promise resolves with its number, from 0 on; in this
 * one it never does: it looks after the others, and ends with status 0 when all of them have. `null` or 0 processes is one
 * a processor.
 *
 * The processes share the ports that they listen on (`node:cluster`). One that is killed or ends with another status than
 * 0 is replaced, under the same number. On SIGTERM or SIGINT all of them stop accepting and end when their connections
 * have, or after `graceMs`.
 *
 * @throws {TooManyRestartsError} (rejection) Here, when more than `maxRestarts` processes had to be replaced; all are gone then.
 * @throws {Error} (rejection) When it was called before.
 *
 * Tornado: process.fork_processes.
 */
export async function forkProcesses(
  numProcesses: number | null = null,
  { maxRestarts = 100, restartDelayMs = 100, healthyAfterMs = 10_000, graceMs = 10_000 }: ForkOptions = {},
): Promise<number> {
  if (state.hasForked) throw new Error('Cannot fork processes twice')
  state.hasForked = true
  if (cluster.isWorker) return beginTask(graceMs)
  const count = numProcesses === null || numProcesses <= 0 ? cpuCount() : numProcesses
  genLog.info(`Starting ${count} processes`)
  const options = { maxRestarts, restartDelayMs, healthyAfterMs, graceMs }
  return await new ProcessSupervisor(count, options).run()
}

/** The number of this process among those of {@link forkProcesses}; `null` elsewhere. Tornado: process.task_id. */
export function taskId(): number | null {
  return state.taskId
}

function beginTask(graceMs: number): number {
  // oxlint-disable-next-line node/no-process-env -- not a setting: how the first process tells this one its number
  const { env } = process
  const id = Number(env[ProcessSupervisor.taskVariable])
  if (!Number.isInteger(id)) throw new Error('Process was not started by forkProcesses')
  // It is not the number of processes that this one starts.
  delete env[ProcessSupervisor.taskVariable]
  state.taskId = id
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => drain(graceMs))
  return id
}

/** Stops accepting; the process then ends by itself when its connections have. */
function drain(graceMs: number): void {
  BoundSocket.closeAll()
  if (cluster.worker?.isConnected()) cluster.worker.disconnect()
  setTimeout(() => process.exit(0), graceMs).unref()
}

const key = Symbol.for('tornado.iostream.process.v1')
const state: { taskId: number | null; hasForked: boolean } = ((
  globalThis as { [key]?: { taskId: number | null; hasForked: boolean } }
)[key] ??= { taskId: null, hasForked: false })
