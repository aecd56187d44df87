import { describe, expect, it } from 'vitest'
import { cases } from './cases.ts'
import { helloPlain } from './cases/hello-plain.ts'
import { json } from './cases/json.ts'
import type { LoadCase } from './load-case.ts'
import { peers, type Peer } from './peers.ts'
import { ServerProcess } from './server-process.ts'

/** Our packages may not have been built when the tests run. */
const nodeFlags = ['--conditions=@tornado-ts/source']

async function whileServing(
  peer: Peer,
  { app }: LoadCase,
  use: (server: ServerProcess) => Promise<void>,
): Promise<void> {
  const server = await ServerProcess.start(peer, app, { prefix: [], nodeFlags })
  try {
    await use(server)
  } finally {
    await server.stop()
  }
}

/** The first case of each kind of app: the others ask the same of a server. */
const oneOfEach = cases.filter(
  ({ app }, index) => cases.findIndex((each) => each.app.kind === app.kind) === index,
)

const [floorPeer] = peers
if (floorPeer === undefined) throw new Error('There is no floor')

describe.each(peers.filter((peer) => peer.version() !== null))('$name', (peer) => {
  it.each(oneOfEach.filter(({ app }) => peer.kinds.includes(app.kind)))(
    'gives the right answer to $name',
    async (loadCase) => {
      await whileServing(peer, loadCase, ({ port }) => expect(loadCase.verify(port)).resolves.toBeUndefined())
    },
    30_000,
  )
})

it('notices a wrong answer', async () => {
  await whileServing(floorPeer, helloPlain, async ({ port }) => {
    await expect(json.verify(port)).rejects.toThrow('is not valid JSON')
    const other: LoadCase['app'] = { kind: 'hello', answer: 'Hello, moon', pipelined: false }
    await whileServing(floorPeer, { ...helloPlain, app: other }, (wrong) =>
      expect(helloPlain.verify(wrong.port)).rejects.toThrow('Wrong answer: 200 "Hello, moon"'),
    )
  })
})

it('learns from the server what it has used', async () => {
  await whileServing(floorPeer, helloPlain, async (server) => {
    const before = await server.usage()
    for (let i = 0; i < 20; i++) await helloPlain.verify(server.port)
    const after = await server.usage()
    expect(before.cpuUs).toBeGreaterThan(1000)
    expect(after.cpuUs).toBeGreaterThan(before.cpuUs)
    expect(after.residentSize).toBeGreaterThan(10 * 1024 * 1024)
  })
})

it('says why a server does not start', async () => {
  const start = (command: string[]): Promise<ServerProcess> =>
    ServerProcess.start({ ...floorPeer, command: () => command }, helloPlain.app, { prefix: [] })
  await expect(start([process.execPath, '--eval', 'process.exit(3)'])).rejects.toThrow(
    'The process ended with status 3',
  )
  await expect(start(['tornado-ts-no-such-program'])).rejects.toThrow(
    'cannot run: spawn tornado-ts-no-such-program',
  )
})
