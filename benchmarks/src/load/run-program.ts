import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

export interface RunOptions {
  /** Interrupts the program after this long, as Ctrl+C would. @default it is waited for */
  readonly interruptAfterMs?: number
}

/** What a program wrote to its standard output. Rejects with what it said when it ends with an error. */
export async function runProgram(command: readonly string[], options: RunOptions = {}): Promise<string> {
  const [file, ...args] = command
  if (file === undefined) throw new TypeError('Cannot run an empty command')
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const { interruptAfterMs } = options
  const timer =
    interruptAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGINT'), interruptAfterMs)
  try {
    const ended = new Promise<number | null>((resolve, reject) => {
      child.on('error', reject)
      child.on('close', resolve)
    })
    const [status, output, complaints] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
    if (status !== 0)
      throw new Error(`${file} ended with status ${status}: ${complaints.trim() || output.trim()}`)
    return output
  } finally {
    clearTimeout(timer)
  }
}
