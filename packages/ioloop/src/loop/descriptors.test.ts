import { execFileSync, spawn } from 'node:child_process'
import { closeSync, constants, fstatSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { AsyncLocalStorage } from 'node:async_hooks'
import { appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readText, socketpair, writeText } from '../../fixtures/socketpair.ts'
import { sourceCondition } from '../../fixtures/source-condition.ts'
import { Event } from '../locks/event.ts'
import { IOLoop } from './io-loop.ts'
import { moment } from '../promises/sleep.ts'

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url))

let loop: IOLoop
let open: Set<number>

beforeEach(() => {
  loop = IOLoop.current()
  open = new Set()
})

afterEach(async () => {
  await loop.close()
  for (const fd of open) closeSync(fd)
})

function pair(): [number, number] {
  const fds = socketpair()
  for (const fd of fds) open.add(fd)
  return fds
}

function close(fd: number): void {
  open.delete(fd)
  closeSync(fd)
}

/** Collects what a handler is called with, until `size` calls. */
class Calls {
  readonly seen: [unknown, number][] = []
  readonly #changed = new Event()

  readonly handler = (source: unknown, events: number): void => {
    this.seen.push([source, events])
    this.#changed.set()
  }

  async until(size: number): Promise<void> {
    while (this.seen.length < size) {
      this.#changed.clear()
      await this.#changed.wait()
    }
  }
}

it('B-loop-001 has the numbers of Tornado for its events', () => {
  expect([IOLoop.NONE, IOLoop.READ, IOLoop.WRITE, IOLoop.ERROR]).toEqual([0, 1, 4, 24])
})

describe('a socketpair', () => {
  it('B-loop-006 reports reading and writing as separate calls, with what was registered', async () => {
    const [near, far] = pair()
    const calls = new Calls()
    writeText(far, 'hello')
    loop.addHandler(near, calls.handler, IOLoop.READ | IOLoop.WRITE)
    await calls.until(2)
    loop.removeHandler(near)
    expect(calls.seen.slice(0, 2)).toEqual([
      [near, IOLoop.READ],
      [near, IOLoop.WRITE],
    ])
    expect(readText(near)).toBe('hello')
  })

  it('B-loop-006 gives an object back as itself, whichever of object and number is used later', async () => {
    const [near, far] = pair()
    const source = { fileno: () => near, name: 'connection' }
    const calls = new Calls()
    loop.addHandler(source, calls.handler, IOLoop.READ)
    expect(() => {
      loop.addHandler(near, calls.handler, IOLoop.READ)
    }).toThrow(RangeError)
    expect(loop.splitFd(source)).toEqual([near, source])
    expect(loop.splitFd(near)).toEqual([near, near])
    writeText(far, 'x')
    await calls.until(1)
    loop.removeHandler(near)
    expect(calls.seen[0]).toEqual([source, IOLoop.READ])
    loop.addHandler(near, calls.handler, IOLoop.READ)
    loop.removeHandler(source)
  })

  it('reports again what was not read, and nothing that was', async () => {
    const [near, far] = pair()
    const calls = new Calls()
    loop.addHandler(near, calls.handler, IOLoop.READ)
    writeText(far, 'x')
    await calls.until(3)
    readText(near)
    const { length } = calls.seen
    await moment
    await moment
    expect(calls.seen).toHaveLength(length)
  })

  it('reports the end of the other side as something to read', async () => {
    const [near, far] = pair()
    const calls = new Calls()
    loop.addHandler(near, calls.handler, IOLoop.READ)
    close(far)
    await calls.until(1)
    loop.removeHandler(near)
    expect(calls.seen[0]).toEqual([near, IOLoop.READ])
    expect(readText(near)).toBe('')
  })

  it('reports the end of the other side to one who asks for it', async () => {
    const [near, far] = pair()
    const calls = new Calls()
    loop.addHandler(near, calls.handler, IOLoop.ERROR)
    close(far)
    await calls.until(1)
    loop.removeHandler(near)
    expect(calls.seen[0]).toEqual([near, IOLoop.ERROR])
  })

  it('B-loop-005 refuses a second handler, changes the interest, and ignores removing nothing', async () => {
    const [near, far] = pair()
    const calls = new Calls()
    loop.addHandler(near, calls.handler, IOLoop.READ)
    expect(() => {
      loop.addHandler(near, calls.handler, IOLoop.WRITE)
    }).toThrow(new RangeError(`Descriptor ${near} has a handler already`))

    loop.updateHandler(near, IOLoop.WRITE)
    await calls.until(1)
    expect(calls.seen[0]).toEqual([near, IOLoop.WRITE])

    loop.updateHandler(near, IOLoop.NONE)
    calls.seen.length = 0
    writeText(far, 'x')
    await moment
    await moment
    expect(calls.seen).toEqual([])

    loop.removeHandler(near)
    loop.removeHandler(near)
    expect(() => {
      loop.updateHandler(near, IOLoop.READ)
    }).toThrow(new RangeError(`Descriptor ${near} has no handler`))
  })

  it('B-loop-007 does not call a handler that another removed in the same iteration', async () => {
    const [a, farA] = pair()
    const [b, farB] = pair()
    const called: number[] = []
    const done = new Event()
    const handler = (fd: number): void => {
      called.push(fd)
      loop.removeHandler(a)
      loop.removeHandler(b)
      done.set()
    }
    writeText(farA, 'x')
    writeText(farB, 'x')
    loop.addHandler(a, handler, IOLoop.READ)
    loop.addHandler(b, handler, IOLoop.READ)
    await done.wait()
    await moment
    await moment
    expect(called).toHaveLength(1)
  })

  it('logs what a handler throws, and goes on', async () => {
    using expected = expectLog(appLog, /Exception in callback failing/)
    const [near, far] = pair()
    const done = new Event()
    let calls = 0
    loop.addHandler(
      near,
      function failing() {
        calls += 1
        if (calls === 2) done.set()
        throw new Error('in a handler')
      },
      IOLoop.READ,
    )
    writeText(far, 'x')
    await done.wait()
    loop.removeHandler(near)
    expect(expected.records.length).toBeGreaterThanOrEqual(2)
  })

  it('B-gen-006 calls a handler in the context that added it', async () => {
    const [near, far] = pair()
    const request = new AsyncLocalStorage<string>()
    const { promise, resolve } = Promise.withResolvers<unknown>()
    request.run('a request', () => {
      loop.addHandler(near, () => resolve(request.getStore()), IOLoop.READ)
    })
    writeText(far, 'x')
    await expect(promise).resolves.toBe('a request')
  })

  it('B-loop-021 leaves descriptors open at close, or closes them with allFds', async () => {
    const [near, far] = pair()
    loop.addHandler(near, () => {}, IOLoop.READ)
    await loop.close()
    expect(fstatSync(near).isSocket()).toBe(true)

    loop = IOLoop.current()
    const closed: string[] = []
    const source = { fileno: () => far, close: () => closed.push('by its own close') }
    const bare = { fileno: () => near }
    loop.addHandler(source, () => {}, IOLoop.READ)
    loop.addHandler(bare, () => {}, IOLoop.READ)
    await loop.close({ allFds: true })
    expect(closed).toEqual(['by its own close'])
    open.delete(near)
    expect(() => fstatSync(near)).toThrow('EBADF')
    expect(() => {
      loop.addHandler(far, () => {}, IOLoop.READ)
    }).toThrow('IOLoop is closed')
  })

  it('closes a descriptor by number', () => {
    const [near] = pair()
    loop.closeFd(near)
    loop.closeFd(near)
    open.delete(near)
    expect(() => fstatSync(near)).toThrow('EBADF')
  })

  it('finds the handler of an object that has lost its descriptor', async () => {
    const [near] = pair()
    let fd = near
    const source = { fileno: () => fd }
    loop.addHandler(source, () => {}, IOLoop.WRITE)
    fd = -1
    loop.removeHandler(source)
    expect(() => {
      loop.addHandler(near, () => {}, IOLoop.NONE)
    }).not.toThrow()
  })
})

it('polls a FIFO, and reports the error when its reader is gone', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ioloop-'))
  const path = join(folder, 'fifo')
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const writer = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  open.add(reader).add(writer)
  rmSync(folder, { recursive: true })

  const reads = new Calls()
  loop.addHandler(reader, reads.handler, IOLoop.READ)
  writeText(writer, 'through the pipe')
  await reads.until(1)
  expect(readText(reader)).toBe('through the pipe')

  const writes = new Calls()
  loop.addHandler(writer, writes.handler, IOLoop.WRITE)
  await writes.until(1)
  expect(writes.seen[0]).toEqual([writer, IOLoop.WRITE])
  loop.removeHandler(reader)
  close(reader)
  while (!writes.seen.some(([, events]) => events === IOLoop.ERROR)) await moment
  const { length } = writes.seen
  await moment
  await moment
  expect(writes.seen).toHaveLength(length)
})

it('drives a client of a child by readiness alone, as a database driver does', async () => {
  const [near, far] = pair()
  const child = spawn(process.execPath, [fixture('database.mjs')], {
    stdio: ['ignore', 'inherit', 'inherit', far],
  })
  close(far)
  const rows: string[] = []
  const finished = new Event()
  let unread = ''
  let queries = 3
  loop.addHandler(
    near,
    function drive(fd, events) {
      if ((events & IOLoop.WRITE) !== 0) {
        writeText(fd, '2\n')
        queries -= 1
        loop.updateHandler(fd, IOLoop.READ)
        return
      }
      const lines = `${unread}${readText(fd)}`.split('\n')
      unread = lines.pop() ?? ''
      rows.push(...lines)
      if (rows.at(-1) !== 'done') return
      if (queries > 0) loop.updateHandler(fd, IOLoop.WRITE)
      else finished.set()
    },
    IOLoop.WRITE,
  )
  await finished.wait()
  loop.removeHandler(near)
  close(near)
  await new Promise((resolve) => child.once('exit', resolve))
  expect(rows).toEqual(Array.from({ length: 3 }, () => ['row 1', 'row 2', 'done']).flat())
})

describe('what cannot be polled', () => {
  it('is a regular file, or a descriptor that is not open', () => {
    const file = openSync(fixture('database.mjs'), 'r')
    open.add(file)
    expect(() => {
      loop.addHandler(file, () => {}, IOLoop.READ)
    }).toThrow(`Cannot poll descriptor ${file}: EPERM`)
    expect(() => {
      loop.addHandler(9_999, () => {}, IOLoop.READ)
    }).toThrow('Cannot poll descriptor 9999: EBADF')
    expect(() => {
      loop.removeHandler(9_999)
    }).not.toThrow()
  })

  it('is a socket that Node watches itself', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    const socket = connect(port, '127.0.0.1')
    await new Promise((resolve) => socket.once('connect', resolve))
    socket.resume()
    await moment
    const { fd } = Reflect.get(socket, '_handle') as { fd: number }
    expect(() => {
      loop.addHandler(fd, () => {}, IOLoop.READ)
    }).toThrow(`Cannot poll descriptor ${fd}: EEXIST`)
    socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
})

describe('in other surroundings', () => {
  async function outcome(preload: string[]): Promise<{ status: unknown; output: string }> {
    const args = [...preload, ...sourceCondition, fixture('add-handler.ts')]
    const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
    let output = ''
    child.stdout.on('data', (chunk) => (output += String(chunk)))
    const status = await new Promise((resolve) => child.once('close', resolve))
    return { status, output }
  }

  it('names the package to install when koffi is missing', async () => {
    const { output } = await outcome(['--import', fixture('without-koffi.mjs')])
    expect(output.trim()).toBe(
      'MissingPackageError: IOLoop.addHandler needs the optional package "koffi": npm install koffi',
    )
  })

  it('does not keep a process from ending that still has handlers', async () => {
    await expect(outcome([])).resolves.toEqual({ status: 2, output: '' })
  })

  it('refuses to poll in a worker, whose end would abort the process', async () => {
    const worker = new Worker(fixture('add-handler.ts'), { execArgv: sourceCondition, stdout: true })
    let output = ''
    worker.stdout.on('data', (chunk) => (output += String(chunk)))
    await new Promise((resolve) => worker.once('exit', resolve))
    expect(output).toContain('Descriptors can be polled on the main thread only')
  })
})
