import { Application, RequestHandler } from '@tornado-ts/web'

class MainHandler extends RequestHandler {
  override get(): void {
    this.write('Hello, world')
  }
}

const server = new Application([['/', MainHandler]]).listen(0, { address: '127.0.0.1' })
console.log(await server.url())
