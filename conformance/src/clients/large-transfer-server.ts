// Its port goes to the parent. GET /N answers N MiB in chunks; POST answers how many bytes came.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const piece = Buffer.alloc(65_536, 'x')
const server = createServer((request, response) => {
  void (async () => {
    if (request.method === 'POST') {
      let size = 0
      for await (const chunk of request) size += (chunk as Buffer).length
      response.end(String(size))
      return
    }
    const pieces = Number(request.url!.slice(1)) * 16
    for (let i = 0; i < pieces; i++) if (!response.write(piece)) await once(response, 'drain')
    response.end()
  })()
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
process.send!((server.address() as AddressInfo).port)
process.once('disconnect', () => process.exit(0))
