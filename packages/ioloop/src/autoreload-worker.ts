// Loaded with --import into a program that tornado-autoreload supervises, before anything of the program.
import { BroadcastChannel, isMainThread } from 'node:worker_threads'
import { type FileStamp, stampOf } from './autoreload/file-watch.ts'
import { followModules } from './autoreload/loaded-modules.ts'
import { reloadState, runReloadHooks } from './autoreload/reload-state.ts'
import { isReloadOrder, type WatchReport } from './autoreload/supervisor-messages.ts'

const parameters = new URL(import.meta.url).searchParams
const nodeModules = parameters.has('node-modules')
const channelName = 'tornado.ioloop.autoreload'

// Processes that the program starts itself inherit the option that loads this; they belong to nobody here.
if (!isMainThread) followThread()
else if (process.send !== undefined && String(process.ppid) === parameters.get('supervisor')) followProgram()

function followProgram(): void {
  reloadState.report = (path) => tell(path, stampOf(path) ?? undefined)
  followModules(tell, nodeModules)
  const threads = new BroadcastChannel(channelName)
  threads.onmessage = (event) => {
    const { path, stamp } = (event as { data: WatchReport['tornadoWatch'] }).data
    tell(path, stamp)
  }
  threads.unref()
  process.on('message', (message) => {
    if (isReloadOrder(message)) void runReloadHooks().then(() => process.exit(0))
  })
  // The supervisor is gone: nobody would ever end this program.
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
  process.channel?.unref()
}

function followThread(): void {
  const program = new BroadcastChannel(channelName)
  program.unref()
  followModules((path, stamp) => program.postMessage({ path, stamp }), nodeModules)
}

function tell(path: string, stamp: FileStamp | undefined): void {
  const message: WatchReport = { tornadoWatch: stamp === undefined ? { path } : { path, stamp } }
  if (process.connected) process.send?.(message)
}
