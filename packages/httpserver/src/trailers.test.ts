import type { HTTPConnection, HTTPHeaders } from '@tornado-ts/httputil'
import { expect, it } from 'vitest'
import { answer, QuietDelegate } from '../fixtures/delegates.ts'
import { RawClient } from '../fixtures/raw-client.ts'
import { HTTPServer } from './http-server.ts'
import { Router } from './routing/router.ts'

it('trailers come through a router and the reading of proxy fields', async () => {
  class Telling extends QuietDelegate {
    readonly #connection: HTTPConnection
    #sum = 'none'

    constructor(connection: HTTPConnection) {
      super()
      this.#connection = connection
    }

    trailersReceived(trailers: HTTPHeaders): void {
      this.#sum = trailers.get('X-Sum') ?? 'missing'
    }

    override finish(): void {
      answer(this.#connection, this.#sum)
    }
  }
  class ToTelling extends Router {
    override findHandler({ connection }: { connection: HTTPConnection | null }): Telling {
      return new Telling(connection!)
    }
  }
  await using server = new HTTPServer(new ToTelling(), { xheaders: true })
  server.listen(0, { address: '127.0.0.1' })
  await using client = await RawClient.open((await server.bound).port)
  client.send(
    'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Sum: 7\r\n\r\n',
  )
  expect((await client.response()).body).toBe('7')
  expect((await client.get('/')).body).toBe('none')
})
