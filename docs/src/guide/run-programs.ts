// Runs programs of the guide one after the other in this process, as its parent asks for them.
import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { servers } from './unused-ports.ts'

/** `run`: the file to run. `stop`: close what it listens with. */
type Order = { readonly run: string } | { readonly stop: true }

process.on('message', (order: Order) => void ('run' in order ? run(order.run) : stop()))
process.channel!.ref()
process.on('uncaughtException', fail)
process.on('unhandledRejection', fail)

async function run(file: string): Promise<void> {
  process.chdir(dirname(file))
  try {
    await import(pathToFileURL(file).href)
    process.send!({ loaded: true })
  } catch (error) {
    fail(error)
  }
}

async function stop(): Promise<void> {
  for (const server of servers) {
    server.stop()
    if (Symbol.asyncDispose in server) await (server as unknown as AsyncDisposable)[Symbol.asyncDispose]()
  }
  servers.clear()
  process.send!({ stopped: true })
}

function fail(error: unknown): void {
  process.send!({ failed: error instanceof Error ? (error.stack ?? String(error)) : String(error) })
}
