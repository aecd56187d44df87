import { defineOptions, parseCommandLine } from '@tornado-ts/options'
import { EchoServer } from './echo-server.ts'
import { sendLine } from './send-line.ts'

const options = defineOptions(
  {
    port: { default: 9000, help: 'TCP port to listen on, or to connect to; 0 for an unused one' },
    address: { default: '127.0.0.1', help: 'address to listen on, or to connect to' },
    message: { type: 'string', help: 'be the client: send this line and print what comes back' },
  },
  { group: 'tcpecho' },
)
parseCommandLine()

try {
  if (options.message === null) {
    const server = new EchoServer()
    server.listen(options.port, { address: options.address })
    const { address, port } = await server.bound
    console.log(`Listening on ${address}:${port} (stop with Ctrl-C)`)
  } else {
    console.log(await sendLine(options.message, options.address, options.port))
  }
} catch (error) {
  const { name, message, cause } = error as Error
  const why = name === 'StreamClosedError' && cause instanceof Error ? cause.message : message
  console.error(`tcpecho: ${why}`)
  process.exit(1)
}
