import { defineOptions, parseCommandLine } from '@tornado-ts/options'
import { makeApplication } from './application.ts'
import { Board } from './board.ts'

const options = defineOptions(
  {
    port: { default: 8888, help: 'port to listen on; 0 for an unused one' },
    address: { default: '127.0.0.1', help: 'address to listen on' },
    clock: { type: 'duration', default: 10_000, help: 'posts the time that often; 0 for never' },
  },
  { group: 'server-sent-events' },
)
parseCommandLine()

const board = new Board()
const server = makeApplication(board).listen(options.port, { address: options.address })
const stopped = server.stopOnSignals()
console.log(`Listening on ${await server.url()} (stop with Ctrl-C)`)
const clock =
  options.clock > 0
    ? setInterval(() => board.post(`It is ${new Date().toLocaleTimeString()}`), options.clock)
    : undefined
await stopped
clearInterval(clock)
