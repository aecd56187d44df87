import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Program } from '../../test/program.ts'
import { cpuCount } from './cpu-count.ts'
import { taskId } from './fork-processes.ts'
import { IOStream } from '../stream/io-stream.ts'

const folder = mkdtempSync(join(tmpdir(), 'fork-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Every line that a program prints until it ends, sorted. */
async function linesOf(program: Program): Promise<string[]> {
  const lines: string[] = []
  for (;;) {
    const line = await program.line().catch(() => null)
    if (line === null) return lines.toSorted()
    lines.push(line)
  }
}

describe('forkProcesses', { timeout: 60_000 }, () => {
  it('B-proc-001 B-proc-003 numbers the processes, and never returns in the first', async () => {
    await using program = new Program('forked', ['tasks', folder])
    const lines = await linesOf(program)
    expect(lines).toContain('info Starting 3 processes')
    const tasks = lines.filter((line) => line.startsWith('task')).map((line) => line.split(' '))
    expect(tasks.map((words) => words.slice(0, 4))).toEqual([
      ['task', '0', '0', 'null'],
      ['task', '1', '1', 'null'],
      ['task', '2', '2', 'null'],
    ])
    // Each process draws random numbers of its own.
    expect(new Set(tasks.map((words) => words[4])).size).toBe(3)
    expect(lines.filter((line) => line.endsWith('exited normally'))).toHaveLength(3)
    expect(await program.ended()).toBe(0)
    expect(taskId()).toBeNull()
  })

  it('B-proc-001 makes one for each processor unless told otherwise', async () => {
    for (const mode of ['all', 'none']) {
      await using program = new Program('forked', [mode, folder])
      const lines = await linesOf(program)
      expect(lines).toContain(`info Starting ${availableParallelism()} processes`)
      expect(lines.filter((line) => line.startsWith('task'))).toHaveLength(availableParallelism())
    }
    expect(cpuCount()).toBe(availableParallelism())
  })

  it('B-proc-002 replaces what is killed or fails, and ends with 0 when all have ended well', async () => {
    await using program = new Program('forked', ['crashes', mkdtempSync(join(folder, 'crashes-'))])
    const lines = await linesOf(program)
    expect(lines).toEqual(
      expect.arrayContaining([
        'task 0 ends',
        'task 1 ends',
        'task 2 ends',
        'warning child 0 (pid) exited with status 3, restarting',
        'warning child 1 (pid) killed by signal SIGKILL, restarting',
        'warning child 2 (pid) exited with status 1, restarting',
      ]),
    )
    expect(program.errors).toContain('thrown on purpose')
    expect(await program.ended()).toBe(0)
  })

  it('B-proc-002 gives up on a crash loop, after ever longer waits, and stops the others', async () => {
    await using program = new Program('forked', ['loop', folder])
    const lines = await linesOf(program)
    expect(lines).toEqual(
      expect.arrayContaining([
        'warning child 0 (pid) exited with status 1, restarting',
        'warning child 0 (pid) exited with status 1, restarting in 10 ms',
        'warning child 0 (pid) exited with status 1, restarting in 20 ms',
        'warning child 0 (pid) exited with status 1, restarting in 40 ms',
        'error child 0 (pid) exited with status 1; too many child restarts, giving up',
        'TooManyRestartsError: Too many child restarts, giving up: child 0 (pid) exited with status 1 after 4 restarts',
      ]),
    )
    expect(await program.ended()).toBe(7)
  })

  it('B-proc-004 cannot be called twice', async () => {
    await using program = new Program('forked', ['twice', folder])
    expect(await linesOf(program)).toContain('Cannot fork processes twice')
  })

  it('SIGTERM lets open connections end, and takes no new ones', async () => {
    const port = await freePort()
    await using program = new Program('forked', ['drain', String(port), '60000'])
    await program.lines(3)
    const streams = [new IOStream(), new IOStream()]
    const pids = new Set<string>()
    for (const stream of streams) {
      await stream.connect({ host: '127.0.0.1', port })
      pids.add(String(await stream.readUntil('\n')))
    }
    program.child.kill('SIGTERM')
    expect(await program.line()).toBe('info Received SIGTERM, stopping 2 processes')
    for (;;) {
      const late = new IOStream()
      const isRefused = await late.connect({ host: '127.0.0.1', port }).then(
        () => false,
        () => true,
      )
      late.close()
      if (isRefused) break
    }
    for (const stream of streams) {
      await stream.write('done\n')
      expect(String(await stream.readUntilClose())).toBe('done\n')
    }
    expect(await program.ended()).toBe(0)
    expect(pids.size).toBe(2)
  })

  it('after the time of grace connections are cut', async () => {
    const port = await freePort()
    await using program = new Program('forked', ['drain', String(port), '100'])
    await program.lines(3)
    const stream = new IOStream()
    await stream.connect({ host: '127.0.0.1', port })
    await stream.readUntil('\n')
    program.child.kill('SIGTERM')
    expect((await stream.readUntilClose()).length).toBe(0)
    expect(await program.ended()).toBe(0)
  })

  it('a second signal ends it at once', async () => {
    const port = await freePort()
    await using program = new Program('forked', ['drain', String(port), '60000'])
    await program.lines(3)
    const stream = new IOStream()
    await stream.connect({ host: '127.0.0.1', port })
    await stream.readUntil('\n')
    program.child.kill('SIGINT')
    expect(await program.line()).toBe('info Received SIGINT, stopping 2 processes')
    program.child.kill('SIGINT')
    await stream.readUntilClose().catch(() => {})
    expect(await program.ended()).toBe(0)
  })
})
