import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

/** Ticks of a second in /proc, on every Linux there is. */
const ticksPerSecond = 100

/** A chat server in a process of its own, looked at from outside. */
export class ChatProcess {
  readonly port: number
  readonly #child: ChildProcess

  private constructor(child: ChildProcess, port: number) {
    this.#child = child
    this.port = port
  }

  /** Starts it and waits until it tells its port. */
  static async start(command: readonly string[]): Promise<ChatProcess> {
    const [file = '', ...args] = command
    const env = { ...process.env, NODE_ENV: 'production' }
    const child = spawn(file, args, { env, stdio: ['pipe', 'pipe', 'inherit'] })
    let said = ''
    while (!said.includes('\n')) {
      const [chunk] = (await Promise.race([
        once(child.stdout, 'data'),
        once(child, 'close').then(() => ['\nended']),
      ])) as [Buffer | string]
      said += String(chunk)
    }
    child.stdout.resume()
    const port = /http:\/\/[^:\s]+:(\d+)/.exec(said)?.[1]
    if (port === undefined) throw new Error(`${command.join(' ')} does not serve: ${said}`)
    return new ChatProcess(child, Number(port))
  }

  /** User and system time of all its threads, in microseconds. */
  get cpuUs(): number {
    const fields = readFileSync(`/proc/${this.#child.pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1e6
  }

  /** Resident memory, in bytes. */
  get residentSize(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8')
    return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) * 1024
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'close')
    this.#child.kill('SIGKILL')
    await ended
  }
}
