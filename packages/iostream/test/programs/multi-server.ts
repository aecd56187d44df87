// A server in several processes: the way to start it is the first argument.
import type { IOStream } from '@tornado-ts/iostream'
import { bindSockets } from '@tornado-ts/iostream/netutil'
import { forkProcesses, taskId } from '@tornado-ts/iostream/process'
import { TCPServer } from '@tornado-ts/iostream/tcp'

class TaskServer extends TCPServer {
  override async handleStream(stream: IOStream): Promise<void> {
    await stream.write(`${taskId() ?? 'none'}\n`)
    stream.close()
  }
}

const [mode = '', port = '0'] = process.argv.slice(2)
const server = new TaskServer()
const address = '127.0.0.1'
if (mode === 'listen') server.listen(Number(port), { address })
else if (mode === 'bind') {
  server.bind(Number(port), { address })
  await server.start(2)
} else if (mode === 'sockets') {
  await forkProcesses(2)
  server.addSockets(await bindSockets(Number(port), { address }))
} else if (mode === 'reuse') {
  await forkProcesses(2)
  server.listen(Number(port), { address, reusePort: true })
}
const bound = await server.bound
console.log(`task ${taskId() ?? 'none'} listens on ${bound.port}`)
