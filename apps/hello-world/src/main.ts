import { enablePrettyLogging } from '@tornado-ts/log'
import { Application, RequestHandler } from '@tornado-ts/web'
import { readOptions } from './options.ts'

class MainHandler extends RequestHandler {
  override get(): void {
    this.write('Hello, world')
  }
}

const { port, address } = readOptions(process.argv.slice(2))
enablePrettyLogging()
const server = new Application([['/', MainHandler]]).listen(port, { address })
const stopped = server.stopOnSignals()
console.log(`Listening on ${await server.url()} (stop with Ctrl-C)`)
await stopped
