import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { afterEach, expect, it, vi } from 'vitest'
import { sourceCondition } from '../../fixtures/source-condition.ts'
import { IOLoop } from './io-loop.ts'
import { moment } from '../promises/sleep.ts'

// Each test waits for programs to start, one after the other, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 })

const fixture = (name: string): string => fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url))

afterEach(() => IOLoop.current().close())

interface Run {
  readonly child: ChildProcess
  readonly ended: Promise<{ status: unknown; lines: string[] }>
  /** Resolves when the program has printed this line. */
  printed(line: string): Promise<void>
}

function run(name: string): Run {
  const child = spawn(process.execPath, [...sourceCondition, fixture(name)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (chunk) => (output += String(chunk)))
  const lines = (): string[] => output.trim().split('\n')
  return {
    child,
    ended: new Promise((resolve) => {
      child.once('close', (status, signal) => resolve({ status: status ?? signal, lines: lines() }))
    }),
    async printed(line) {
      while (!lines().includes(line)) await new Promise((resolve) => child.stdout.once('data', resolve))
    },
  }
}

it('a program ends that leaves only idle things behind', async () => {
  await expect(run('idle-pool.ts').ended).resolves.toEqual({ status: 0, lines: ['3'] })
})

it('a program ends that has closed its loop', async () => {
  await expect(run('closed-loop.ts').ended).resolves.toEqual({ status: 0, lines: ['closed'] })
})

it('a started loop keeps the program alive, until a signal callback stops it', async () => {
  const { child, ended, printed } = run('started-loop.ts')
  await printed('started')
  child.kill('SIGTERM')
  await expect(ended).resolves.toEqual({ status: 0, lines: ['started', 'got SIGTERM', 'stopped'] })
})

it('runs a signal callback until it is disposed or the loop is closed', async () => {
  const loop = IOLoop.current()
  const seen: string[] = []
  const once = loop.addSignalCallback('SIGUSR2', (text: string) => seen.push(text), 'once')
  loop.addSignalCallback('SIGUSR2', () => seen.push('always'))
  const signal = async (): Promise<void> => {
    const before = seen.length
    process.kill(process.pid, 'SIGUSR2')
    while (seen.length === before) await moment
  }
  await signal()
  once[Symbol.dispose]()
  once[Symbol.dispose]()
  await signal()
  expect(seen).toEqual(['once', 'always', 'always'])
  await loop.close()
  expect(process.listenerCount('SIGUSR2')).toBe(0)
  expect(() => loop.addSignalCallback('SIGUSR2', () => {})).toThrow('IOLoop is closed')
})

it('refuses signals and the watch for blocks in a worker', async () => {
  const program = `
    import { IOLoop } from ${JSON.stringify(new URL('io-loop.ts', import.meta.url).href)}
    import { parentPort } from 'node:worker_threads'
    const loop = IOLoop.current()
    for (const attempt of [() => loop.addSignalCallback('SIGUSR2', () => {}), () => loop.setBlockingLogThreshold(10)]) {
      try { attempt() } catch (error) { parentPort.postMessage(error.message) }
    }
    parentPort.postMessage(typeof IOLoop.current({ instance: false }))`
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(program)}`), {
    execArgv: sourceCondition,
  })
  const messages: unknown[] = []
  worker.on('message', (message) => messages.push(message))
  await new Promise((resolve) => worker.once('exit', resolve))
  expect(messages).toEqual([
    'Signals reach the main thread only',
    'The main thread alone can be watched for blocks',
    'object',
  ])
})
