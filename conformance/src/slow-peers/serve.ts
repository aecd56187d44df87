// A server in a process of its own; its options are the argument, its port the first message.
import { HTTPServer, type HTTPServerOptions } from '@tornado-ts/httpserver'
import { HTTPHeaders, ResponseStartLine } from '@tornado-ts/httputil'

const server = new HTTPServer(
  ({ connection }) => {
    const headers = new HTTPHeaders({ 'Content-Length': '12' })
    void connection!.writeHeaders(new ResponseStartLine('HTTP/1.1', 200, 'OK'), headers, 'Hello, world')
    connection!.finish()
  },
  JSON.parse(process.argv[2]!) as HTTPServerOptions,
)
server.listen(0, { address: '127.0.0.1' })
const { port } = await server.bound
process.send!({ port })
process.once('disconnect', () => process.exit())
