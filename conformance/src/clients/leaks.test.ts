import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { run } from '../interop/programs.ts'
import { engines } from './engines.ts'

it.concurrent.each(engines)(
  '$name: leaves no socket, timer or listener behind, whatever the answer',
  async ({ name }) => {
    const program = fileURLToPath(new URL('leaks-main.ts', import.meta.url))
    const flags = ['--expose-gc', '--conditions=@tornado-ts/source', '--disable-warning=ExperimentalWarning']
    const { stdout, stderr } = await run(process.execPath, [...flags, program, name])
    expect([JSON.parse(stdout.toString() || 'null'), stderr]).toEqual([[], ''])
  },
  60_000,
)

it('a client that is not closed keeps no program alive', async () => {
  const program = `
    import { createServer } from 'node:http'
    import { AsyncHTTPClient } from '@tornado-ts/httpclient'
    const server = createServer((_request, response) => response.end('x')).listen(0, '127.0.0.1', async () => {
      await new AsyncHTTPClient().fetch('http://127.0.0.1:' + server.address().port)
      server.close()
      server.unref()
      server.closeIdleConnections = () => {}
    })
  `
  const child = spawn(
    process.execPath,
    ['--conditions=@tornado-ts/source', '--input-type=module', '-e', program],
    { stdio: ['ignore', 'inherit', 'inherit'], cwd: import.meta.dirname },
  )
  const [status] = (await once(child, 'exit')) as [number]
  expect(status).toBe(0)
})
