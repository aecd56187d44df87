import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { bindUnusedPort } from './bind-unused-port.ts'

it('B-test-010 gives a listening socket on 127.0.0.1 and its port', async () => {
  const [socket, port] = await bindUnusedPort()
  expect(socket.address()).toEqual({ address: '127.0.0.1', family: 'IPv4', port })
  await new Promise<void>((resolve, reject) => {
    const client = connect(port, '127.0.0.1', () => client.end(resolve))
    client.once('error', reject)
  })
  const [other, otherPort] = await bindUnusedPort()
  expect(otherPort).not.toBe(port)
  socket.close()
  other.close()
})

it('B-test-010 takes another address', async () => {
  const [socket] = await bindUnusedPort({ address: 'localhost', reusePort: process.platform === 'linux' })
  expect(['127.0.0.1', '::1']).toContain(socket.address()?.address)
  socket.close()
})
