import cluster from 'node:cluster'
import { resolve } from 'node:path'
import { isMainThread } from 'node:worker_threads'
import { genLog } from '@tornado-ts/log'
import { FileWatch } from './file-watch.ts'
import { IOLoop } from '../loop/io-loop.ts'
import { followModules, loadedModules } from './loaded-modules.ts'
import { type ReloadHook, reloadState, runReloadHooks } from './reload-state.ts'
import { replaceProcess } from './replace-process.ts'

export type { ReloadHook } from './reload-state.ts'

/** Settings of {@link start}. */
export interface StartOptions {
  /** Time between two looks at the files. @default 500 */
  checkTimeMs?: number
  /** Whether modules below a folder `node_modules` are watched too. @default false */
  nodeModules?: boolean
}

/**
 * Starts the program again when a file changes that it has loaded or `watch`es.
 *
 * Looks at the files every `checkTimeMs`; what they are like at the start is only recorded. A change is logged, the hooks run, and the
 * process is replaced: same Node, same options, same arguments, and on POSIX systems the same process id. It does not
 * keep the program alive. Does nothing the second time on one loop, in a process of `forkProcesses` or `node:cluster`,
 * in a worker thread, and under the command `tornado-autoreload`, which watches from outside.
 *
 * Tornado: autoreload.start.
 *
 * @throws {RangeError} When the time is not above 0.
 */
export function start({ checkTimeMs = 500, nodeModules = false }: StartOptions = {}): void {
  if (!(checkTimeMs > 0)) throw new RangeError(`Cannot check files every ${checkTimeMs} ms`)
  if (cluster.isWorker || !isMainThread || reloadState.report !== null) return
  const loop = IOLoop.current()
  if (reloadState.loops.has(loop)) return
  reloadState.loops.add(loop)
  if (reloadState.files !== null) {
    genLog.warning('tornado.autoreload started more than once in the same process')
  }
  const files = (reloadState.files ??= followAll(nodeModules))
  const look = async (): Promise<void> => {
    const changed = await files.check()
    if (changed !== null) await reload(changed)
    else if (IOLoop.current({ instance: false }) === loop) schedule()
  }
  const schedule = (): void => void loop.callLater(checkTimeMs, look).unref()
  loop.addCallback(look)
}

/** Adds a file to those whose change starts the program again, such as a template. Tornado: autoreload.watch. */
export function watch(filename: string): void {
  const path = resolve(filename)
  reloadState.watched.add(path)
  reloadState.files?.add(path)
  reloadState.report?.(path)
}

/**
 * Adds a function to call before the program is started again, after those added before.
 *
 * What it returns is waited for, all hooks together for 3 s at most. What it throws is logged. No other clean-up happens:
 * the process is replaced. Tornado: autoreload.add_reload_hook.
 */
export function addReloadHook(hook: ReloadHook): void {
  reloadState.hooks.push(hook)
}

/**
 * Keeps a program alive that has done its work until a file changes, which starts it again; never settles.
 * For scripts: `await wait()` at the end. Tornado: autoreload.wait.
 */
export function wait(options: StartOptions = {}): Promise<never> {
  start(options)
  // A promise alone does not keep a process alive.
  setInterval(() => {}, 2_147_483_647)
  return new Promise(() => {})
}

function followAll(nodeModules: boolean): FileWatch {
  const files = new FileWatch()
  for (const path of [...loadedModules(nodeModules), ...reloadState.watched]) files.add(path)
  followModules((path, stamp) => files.add(path, stamp), nodeModules)
  return files
}

async function reload(path: string): Promise<void> {
  if (reloadState.isReloading) return
  reloadState.isReloading = true
  genLog.info(`${path} modified; restarting server`)
  await runReloadHooks()
  replaceProcess()
}
