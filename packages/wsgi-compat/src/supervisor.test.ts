import { HTTPServer } from '@tornado-ts/httpserver'
import { accessLog, appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, watch, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { needsPython, python } from '../fixtures/python.ts'
import { pythonApp, type PythonAppOptions } from './python-app.ts'
import { WSGIContainer, type WSGIContainerOptions } from './wsgi-container.ts'

const fixtures = new URL('../fixtures', import.meta.url).pathname

describe.skipIf(python === null)(`workers of Python${needsPython}`, () => {
  let folder: string
  let container: WSGIContainer
  let server: HTTPServer
  let url: string

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'wsgi-test-'))
  })

  afterEach(async () => {
    await server.close({ idleGraceMs: 0 })
    await container.close()
    rmSync(folder, { recursive: true })
  })

  async function start(
    app: PythonAppOptions = {},
    options: WSGIContainerOptions = {},
    target = 'applications:application',
  ): Promise<void> {
    container = new WSGIContainer(
      pythonApp(target, { python: python!, cwd: fixtures, env: { PYTHONDONTWRITEBYTECODE: '1' }, ...app }),
      options,
    )
    server = new HTTPServer(container)
    server.listen(0, { address: '127.0.0.1' })
    url = await server.url()
  }

  async function get(path: string): Promise<[status: number, body: string]> {
    const response = await fetch(url + path)
    return [response.status, await response.text()]
  }

  /** Everything that comes on a connection on which so many requests are sent at once. */
  async function pipeline(path: string, count: number): Promise<string> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    const request = `GET ${path} HTTP/1.1\r\nHost: a\r\n`
    socket.write(`${request}\r\n`.repeat(count - 1) + `${request}Connection: close\r\n\r\n`)
    let text = ''
    for await (const chunk of socket) text += String(chunk)
    return text
  }

  /** The pids of workers that run `/wait?<name>`, once there are `count`. */
  async function begun(name: string, count: number): Promise<number[]> {
    const look = (): number[] =>
      readdirSync(folder)
        .filter((each) => each.startsWith(`${name}.begun.`))
        .map((each) => Number(each.split('.').at(-1)))
    const watcher = watch(folder)
    while (look().length < count) await once(watcher, 'change')
    watcher.close()
    return look()
  }

  const waitPath = (name: string): string => `/wait?${join(folder, name)}`
  const release = (name: string): void => writeFileSync(join(folder, name), '')

  it('requests wait until the workers are ready, and all of them are used', async () => {
    await start({ processes: 2 })
    const requests = [get(waitPath('a')), get(waitPath('a'))]
    const pids = await begun('a', 2)
    release('a')
    const answers = await Promise.all(requests)
    expect(answers.map(([, body]) => Number(body)).toSorted(byNumber)).toEqual(pids.toSorted(byNumber))
  })

  it('a worker that is killed loses the request it runs, and only that', async () => {
    await start({ processes: 2 })
    await container.ready()
    const lost: number[] = []
    const requests = Array.from({ length: 64 }, async () => {
      const [status, body] = await get(waitPath('a'))
      if (status !== 200) lost.push(status)
      return body
    })
    using _log = expectLog(appLog, /was lost while it ran|was killed by SIGKILL; starting another/)
    using _access = expectLog(accessLog, /^502/)
    const [first] = await begun('a', 2)
    process.kill(first!, 'SIGKILL')
    await begun('a', 3)
    release('a')
    await Promise.all(requests)
    expect(lost).toEqual([502])
    expect((await get('/hello'))[0]).toBe(200)
  })

  it('a request that stands behind a slow one is run by a worker that is free, once', async () => {
    await start({ processes: 2 })
    await container.ready()
    for (let i = 0; i < 20; i++) await Promise.all([get('/pid'), get('/pid'), get('/pid')])
    const first = get(waitPath('a'))
    const second = get(waitPath('b'))
    await Promise.all([begun('a', 1), begun('b', 1)])
    release('c')
    const third = get(waitPath('c'))
    release('b')
    expect((await second)[0]).toBe(200)
    expect(await third).toEqual([200, (await second)[1]])
    release('a')
    expect((await first)[0]).toBe(200)
    expect((await get('/hello'))[0]).toBe(200)
    expect(await begun('c', 1)).toHaveLength(1)
  })

  it('a worker is replaced after maxRequests, without a lost request', async () => {
    await start({ maxRequests: 5 })
    const pids = new Set<string>()
    while (pids.size < 3) {
      const [status, body] = await get('/pid')
      expect(status).toBe(200)
      pids.add(body)
    }
  })

  it('so it is while requests wait behind those that run', async () => {
    await start({ maxRequests: 50 })
    const pids = new Set<string>()
    // Four at a time: there always is one that runs, and one that waits behind it.
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        while (pids.size < 2) {
          const answers = (await pipeline('/pid', 25)).matchAll(/\r\n\r\n[0-9a-f]+\r\n(\d+)/g)
          const found = Array.from(answers, (match) => match[1]!)
          expect(found).toHaveLength(25)
          for (const pid of found) pids.add(pid)
        }
      }),
    )
  }, 30_000)

  it('reload replaces the workers while they go on to answer', async () => {
    await start()
    const [, before] = await get('/pid')
    container.reload()
    let after = before
    while (after === before) {
      const [status, body] = await get('/pid')
      expect(status).toBe(200)
      after = body
    }
  })

  it('a request that makes no progress is answered 504, and its worker replaced', async () => {
    await start({}, { requestTimeoutMs: 200 })
    const [, before] = await get('/pid')
    using _log = expectLog(appLog, /made no progress for 200 ms|does not come back from a request/)
    using _access = expectLog(accessLog, /^504/)
    const answer = get(waitPath('never'))
    const [pid] = await begun('never', 1)
    expect(pid).toBe(Number(before))
    expect((await answer)[0]).toBe(504)
    expect((await get('/pid'))[1]).not.toBe(before)
  })

  it('one that stops in the middle of its response is broken off, and its worker replaced', async () => {
    await start({}, { requestTimeoutMs: 200 })
    const [, before] = await get('/pid')
    using log = expectLog(appLog, /made no progress for 200 ms|does not come back from a request/)
    await expect(get(`/stalls?${join(folder, 'never')}`)).rejects.toThrow('terminated')
    expect((await get('/pid'))[1]).not.toBe(before)
    expect(log.matched).toBe(2)
  })

  it('without a free worker in time the answer is 503 with Retry-After; so it is at once when the queue is full', async () => {
    await start({}, { queueTimeoutMs: 50, maxQueueSize: 1 })
    await container.ready()
    const running = get(waitPath('a'))
    await begun('a', 1)
    using _log = expectLog(appLog, /No worker was free within 50 ms|1 requests wait for a worker already/)
    using access = expectLog(accessLog, /^503/)
    const answers = await Promise.all([fetch(`${url}/hello`), fetch(`${url}/hello`)])
    for (const answer of answers) {
      expect([answer.status, answer.headers.get('Retry-After')]).toEqual([503, '1'])
      await answer.text()
    }
    expect(access.matched).toBe(2)
    release('a')
    expect((await running)[0]).toBe(200)
  })

  it('a client that goes away while it waits is forgotten; the application is never asked', async () => {
    await start()
    const running = get(waitPath('a'))
    await begun('a', 1)
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write(`GET ${waitPath('b')} HTTP/1.1\r\nHost: a\r\n\r\n`)
    await once(socket, 'connect')
    socket.destroy()
    const next = get('/hello')
    release('a')
    expect([(await running)[0], (await next)[0]]).toEqual([200, 200])
    expect(readdirSync(folder).filter((name) => name.startsWith('b'))).toEqual([])
  })

  it('close lets requests under way end', async () => {
    await start()
    const running = get(waitPath('a'))
    const [pid] = await begun('a', 1)
    const closed = container.close()
    release('a')
    expect(await running).toEqual([200, String(pid)])
    await closed
    expect(() => process.kill(pid!, 0)).toThrow('ESRCH')
    using _log = expectLog(appLog, 'Container is closed')
    using _access = expectLog(accessLog, /^503/)
    expect((await get('/hello'))[0]).toBe(503)
  })

  it('a worker that is told to end does so, also when its application swallows that', async () => {
    await start()
    const pid = Number((await get('/pid'))[1])
    using _log = expectLog(appLog, /exited with status 0; starting another/)
    expect(await get('/deaf')).toEqual([200, 'deaf'])
    while (isThere(pid)) await new Promise((resolve) => setImmediate(resolve))
    expect((await get('/pid'))[1]).not.toBe(String(pid))
  })

  it('an application that cannot be imported ends in an error with the traceback, and 503', async () => {
    using log = expectLog(appLog, /No module named 'no_such_module'/)
    using _refused = expectLog(appLog, 'There is no Python worker')
    using _access = expectLog(accessLog, /^503/)
    await start({ maxStartFailures: 2, restartDelayMs: 1 }, {}, 'no_such_module:app')
    await expect(container.ready()).rejects.toMatchObject({
      name: 'WorkerStartError',
      message: expect.stringContaining("No module named 'no_such_module'") as string,
    })
    expect((await get('/'))[0]).toBe(503)
    expect(log.matched).toBe(2)
  })

  it('an interpreter that is not there is told', async () => {
    using _log = expectLog(appLog, 'ENOENT')
    await start({ python: '/no/such/python', maxStartFailures: 1 })
    await expect(container.ready()).rejects.toThrow('/no/such/python')
  })

  it('a working directory that is not there is told; one that is relative is that of this process', async () => {
    using log = expectLog(appLog, 'working directory /no/such/folder does not exist')
    await start({ cwd: '/no/such/folder', maxStartFailures: 1 })
    await expect(container.ready()).rejects.toThrow('/no/such/folder')
    expect(log.matched).toBe(1)
    await server.close({ idleGraceMs: 0 })
    await start({ cwd: relative(process.cwd(), fixtures) })
    expect((await get('/hello'))[0]).toBe(200)
  })

  it.each([
    ['broken:application', 'SyntaxError'],
    ['failing:application', 'ValueError: on purpose'],
    ['applications:no_such_name', "module 'applications' has no attribute 'no_such_name'"],
    ['applications:TEXT', 'TypeError: applications:TEXT is not callable'],
    ['exits:application', 'exited with status 7'],
  ])('the developer is shown why %s cannot be served', async (target, why) => {
    writeFileSync(join(folder, 'broken.py'), 'def application(:\n')
    writeFileSync(join(folder, 'failing.py'), 'raise ValueError("on purpose")\n')
    writeFileSync(join(folder, 'exits.py'), 'import os\nos._exit(7)\n')
    const isFixture = target.startsWith('applications')
    using _log = expectLog(appLog, why)
    await start({ cwd: isFixture ? fixtures : folder, maxStartFailures: 1 }, {}, target)
    await expect(container.ready()).rejects.toThrow(why)
  })

  it('a worker that ends by itself in a request gives 502', async () => {
    await start()
    using _log = expectLog(appLog, /was lost while it ran|exited with status 3; starting another/)
    using _access = expectLog(accessLog, /^502/)
    expect((await get('/exit'))[0]).toBe(502)
    expect((await get('/hello'))[0]).toBe(200)
  })
})

describe('pythonApp', () => {
  it('refuses what makes no sense', () => {
    for (const target of ['', 'a:b:c', '--flag', ':app']) expect(() => pythonApp(target)).toThrow(TypeError)
    expect(() => pythonApp('a:b', { processes: 0 })).toThrow(RangeError)
    expect(() => pythonApp('a:b', { threads: 1.5 })).toThrow(RangeError)
    expect(() => pythonApp('a:b', { maxRequests: 0 })).toThrow(RangeError)
  })
})

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

function byNumber(a: number, b: number): number {
  return a - b
}
