import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'

/** An address of loopback that lets connections wait: neither accepted nor refused. */
export interface StallingAddress extends AsyncDisposable {
  readonly address: { readonly host: string; readonly port: number }
  /** Accepts from now on, also what has been waiting. */
  release(): void
}

// A process that waits within a call does not accept, and its backlog of one is soon full; the system then drops what
// asks for more.
const program = `
const { readSync, writeSync } = require('node:fs')
const server = require('node:net').createServer((socket) => socket.on('error', () => {}))
server.listen({ port: Number(process.argv[2]), host: process.argv[1], backlog: 1 }, () => {
  writeSync(1, String(server.address().port))
  readSync(0, Buffer.alloc(1))
})`

/** Opens one. `port` 0 takes an unused one. */
export async function stallingAddress(host = '127.0.0.1', port = 0): Promise<StallingAddress> {
  const child = spawn(process.execPath, ['-e', program, host, String(port)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [chunk] = (await once(child.stdout, 'data')) as [Buffer]
  const address = { host, port: Number(String(chunk)) }
  // The system lets one more wait than it was told, and drops what asks after that.
  const fillers = [connect(address), connect(address)]
  for (const filler of fillers) filler.on('error', () => {})
  await Promise.all(fillers.map((filler) => once(filler, 'connect')))
  return {
    address,
    release() {
      child.stdin.write('!')
    },
    async [Symbol.asyncDispose]() {
      for (const filler of fillers) filler.destroy()
      child.kill('SIGKILL')
      await once(child, 'close')
    },
  }
}
