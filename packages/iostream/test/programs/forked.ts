// Several processes; the first argument says what they do, the second is a folder that they share.
import { forkProcesses, taskId, type ForkOptions } from '@tornado-ts/iostream/process'
import { TCPServer } from '@tornado-ts/iostream/tcp'
import type { IOStream } from '@tornado-ts/iostream'
import { addLogHandler, setLogLevel } from '@tornado-ts/log'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [mode = '', folder = ''] = process.argv.slice(2)
setLogLevel('info')
addLogHandler({
  handle: ({ level, message }) => process.stdout.write(`${level} ${message.replaceAll(/pid \d+/g, 'pid')}\n`),
})

/** True once for each name, whatever process asks. */
function isFirst(name: string): boolean {
  const file = join(folder, name)
  if (existsSync(file)) return false
  writeFileSync(file, '')
  return true
}

class WaitingServer extends TCPServer {
  override async handleStream(stream: IOStream): Promise<void> {
    await stream.write(`open ${process.pid}\n`)
    await stream.write(await stream.readUntil('\n'))
    stream.close()
  }
}

const modes: Record<string, () => Promise<void>> = {
  async tasks() {
    const before = taskId()
    const id = await forkProcesses(3)
    process.stdout.write(`task ${id} ${taskId()} ${before} ${Math.random()}\n`)
    process.exit(0)
  },
  async all() {
    const id = await forkProcesses()
    process.stdout.write(`task ${id}\n`)
    process.exit(0)
  },
  async none() {
    process.stdout.write(`task ${await forkProcesses(0)}\n`)
    process.exit(0)
  },
  async crashes() {
    const id = await forkProcesses(3, { restartDelayMs: 1 })
    if (id === 0 && isFirst('status')) process.exit(3)
    if (id === 1 && isFirst('signal')) process.kill(process.pid, 'SIGKILL')
    if (id === 2 && isFirst('throws')) throw new Error('thrown on purpose')
    process.stdout.write(`task ${id} ends\n`)
    process.exit(0)
  },
  async loop() {
    try {
      const options: ForkOptions = { maxRestarts: 4, restartDelayMs: 10, graceMs: 500 }
      const id = await forkProcesses(2, options)
      // Number 1 lives on, and must be stopped.
      if (id === 1) setInterval(() => {}, 1000)
      else process.exit(1)
    } catch (error) {
      process.stdout.write(
        `${(error as Error).name}: ${(error as Error).message.replace(/pid \d+/, 'pid')}\n`,
      )
      process.exitCode = 7
    }
  },
  async twice() {
    await forkProcesses(1)
    try {
      await forkProcesses(1)
    } catch (error) {
      process.stdout.write(`${(error as Error).message}\n`)
    }
    process.exit(0)
  },
  async drain() {
    await forkProcesses(2, { graceMs: Number(process.argv[4]) })
    const server = new WaitingServer()
    server.listen(Number(process.argv[3]), { address: '127.0.0.1' })
    await server.bound
    process.stdout.write('ready\n')
  },
}

await modes[mode]!()
