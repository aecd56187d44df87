import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { Program } from '../fixtures/run-program.ts'

/** A program as a user writes it. */
function program(listen: string, options = '{}'): Program {
  return new Program(`
    import { HTTPServer } from '@tornado-ts/httpserver'
    const server = new HTTPServer(() => {}, ${options})
    server.listen(${listen})
    console.log('listening, or about to')
  `)
}

it('a port in use ends the program with one line and status 1', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const { port } = taken.address() as { port: number }
  await using running = program(`${port}, { address: '127.0.0.1' }`)
  const { status, stdout, stderr } = await running.ended
  taken.close()
  expect([status, stdout]).toEqual([1, 'listening, or about to\n'])
  expect(stderr).toBe(`Cannot listen on 127.0.0.1:${port}: address already in use\n`)
})

it('an address that is not of this machine ends the program with one line and status 1', async () => {
  await using running = program(`0, { address: '192.0.2.1' }`)
  const { status, stderr } = await running.ended
  expect([status, stderr]).toEqual([
    1,
    'Cannot listen on 192.0.2.1:0: address not available on this machine\n',
  ])
})

it('so does a name that is no address', async () => {
  await using running = program(`0, { address: 'no address' }`)
  const { status, stderr } = await running.ended
  expect(status).toBe(1)
  expect(stderr).toMatch(/^Cannot listen on no address:0: .*\n$/)
})

it('a bad option is thrown where it is given', async () => {
  await using running = program('0', '{ maxBodySize: -1 }')
  const { status, stdout, stderr } = await running.ended
  expect([status, stdout]).toEqual([1, ''])
  expect(stderr).toContain('RangeError: maxBodySize must be above zero: -1')
})
