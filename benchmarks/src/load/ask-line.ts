import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { loopback } from '../server-program.ts'

/** Says a line to a program that listens at `port`, and resolves with the line it answers. Rejects when it hangs up or takes too long. */
export async function askLine(port: number, line: string, timeoutMs: number): Promise<string> {
  const socket = connect({ host: loopback, port, signal: AbortSignal.timeout(timeoutMs) })
  try {
    return await new Promise<string>((resolve, reject) => {
      socket.on('error', reject).on('end', () => reject(new Error('It hung up without an answer')))
      createInterface({ input: socket }).once('line', resolve)
      socket.write(`${line}\n`)
    })
  } finally {
    socket.destroy()
  }
}
