import { HTTPServer } from '@tornado-ts/httpserver'
import { HTTPHeaders, ResponseStartLine } from '@tornado-ts/httputil'
const start = new ResponseStartLine('HTTP/1.1', 200, 'OK')
const server = new HTTPServer({
  startRequest(_s, c) {
    return {
      headersReceived() {},
      dataReceived() {},
      finish() {
        const h = new HTTPHeaders({ 'Content-Type': 'text/plain', 'Content-Length': '12' })
        c.writeHeaders(start, h, 'Hello, world')
        c.finish()
      },
      onConnectionClose() {},
    }
  },
})
server.listen(Number(process.argv[2]), { address: '127.0.0.1' })
console.log(await server.bound)
