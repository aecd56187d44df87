import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { sourceCondition } from '../fixtures/source-condition.ts'
import { parseCommand } from './autoreload/command.ts'

// Each test waits for programs to start, one after the other, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 })

const root = join(import.meta.dirname, '..')
// Beside the sources, so that the package's own name is found.
const folder = mkdtempSync(join(root, 'reload-'))
const running = new Set<ChildProcess>()

afterAll(() => {
  for (const child of running) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, maxRetries: 3 })
})

function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

const options = ['--disable-warning=ExperimentalWarning', ...sourceCondition]
const command = [...options, join(root, 'fixtures', 'autoreload-command.ts')]

/** A running program, and what it printed; `said` takes the lines in the order they came. */
class Run {
  readonly child: ChildProcess
  readonly ended: Promise<number | string | null>
  #output = ''
  #onOutput: () => void = () => {}

  constructor(args: readonly string[]) {
    this.child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
    running.add(this.child)
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk) => {
        this.#output += String(chunk)
        this.#onOutput()
      })
    }
    this.ended = new Promise((resolve) => {
      // Only when everyone is gone that had its output.
      this.child.once('close', (status, signal) => {
        running.delete(this.child)
        resolve(status ?? signal)
        this.#onOutput()
      })
    })
  }

  /** Resolves with the match once it was printed after all that was asked for before. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.#output)
      if (match !== null) {
        this.#output = this.#output.slice(match.index + match[0].length)
        return match
      }
      if (!running.has(this.child)) throw new Error(`Ended without ${pattern} after ${this.#output}`)
      await new Promise<void>((resolve) => (this.#onOutput = resolve))
    }
  }
}

function isRunning(pid: string | undefined): boolean {
  try {
    return process.kill(Number(pid), 0)
  } catch {
    return false
  }
}

describe.skipIf(process.platform === 'win32')('start', () => {
  it('B-reload-001 B-reload-002 B-reload-003 B-reload-004 replaces the process after the hooks', async () => {
    write('part.ts', `export const text: string = 'one'`)
    write('data.txt', '1')
    write(
      'server.ts',
      `import { createRequire } from 'node:module'
      import { IOLoop } from '@tornado-ts/ioloop'
      import { addReloadHook, start, watch } from '@tornado-ts/ioloop/autoreload'
      import { enablePrettyLogging } from '@tornado-ts/log'
      import { text } from './part.ts'
      enablePrettyLogging()
      addReloadHook(() => console.log('first hook'))
      addReloadHook(() => { throw new Error('bad hook') })
      addReloadHook(() => Promise.resolve().then(() => console.log('last hook')))
      watch('data.txt')
      start({ checkTimeMs: 20 })
      start({ checkTimeMs: 20 })
      await IOLoop.current().close()
      start({ checkTimeMs: 20 })
      const late = await import('./late.ts')
      setInterval(() => {}, 60_000)
      console.log('up', text, late.text, process.pid, process.argv.slice(2), process.execArgv.length)`,
    )
    write('late.ts', `export const text: string = 'late'`)
    const run = new Run([...options, join(folder, 'server.ts'), 'a b', '--c'])
    await run.said(/started more than once in the same process/)
    const up = (text: string): RegExp =>
      new RegExp(`^up ${text} ${run.child.pid} \\[ 'a b', '--c' \\] ${options.length}$`, 'm')
    await run.said(up('one late'))

    write('part.ts', `export const text: string = 'second'`)
    await run.said(/part\.ts modified; restarting server/)
    await run.said(/first hook\n/)
    await run.said(/last hook\n/)
    await run.said(up('second late'))

    write('late.ts', `export const text: string = 'later'`)
    await run.said(/late\.ts modified; restarting server/)
    await run.said(up('second later'))

    write('data.txt', '22')
    await run.said(/data\.txt modified; restarting server/)
    await run.said(up('second later'))
    run.child.kill('SIGTERM')
    await expect(run.ended).resolves.toBe('SIGTERM')
  })

  it('B-reload-005 wait keeps a script that is done until a file changes', async () => {
    const program = (text: string): string =>
      `import { wait } from '@tornado-ts/ioloop/autoreload'
      const forever = wait({ checkTimeMs: 20 })
      console.log('${text}')
      await forever
      console.log('never')`
    const path = write('script.ts', program('done'))
    const run = new Run([...options, path])
    await run.said(/^done$/m)
    write('script.ts', program('done again'))
    await run.said(/^done again$/m)
    run.child.kill('SIGTERM')
    await expect(run.ended).resolves.toBe('SIGTERM')
  })

  it('B-reload-003 does nothing in a process of a cluster, and does not keep a program alive', async () => {
    const path = write(
      'workers.ts',
      `import cluster from 'node:cluster'
      import { start } from '@tornado-ts/ioloop/autoreload'
      start()
      const state = (globalThis as any)[Symbol.for('tornado.ioloop.autoreload.v1')]
      console.log(cluster.isWorker ? 'worker' : 'first', state.files === null)
      if (cluster.isPrimary) cluster.fork()
      else process.disconnect()`,
    )
    const run = new Run([...options, path])
    await run.said(/^first false$/m)
    await run.said(/^worker true$/m)
    await expect(run.ended).resolves.toBe(0)
  })
})

describe.skipIf(process.platform === 'win32')('tornado-autoreload', () => {
  it('B-reload-002 B-reload-006 restarts on change, shows a syntax error and goes on, ends as the program', async () => {
    write('thread.ts', `import './thread-part.ts'`)
    write('thread-part.ts', `console.log('thread')`)
    write('text.ts', `export const text: string = 'one'`)
    write('note.txt', '1')
    write(
      'app.ts',
      `import { Worker } from 'node:worker_threads'
      import { addReloadHook, start, watch } from '@tornado-ts/ioloop/autoreload'
      import { text } from './text.ts'
      addReloadHook(() => console.log('hook'))
      start()
      watch('note.txt')
      setInterval(() => {}, 60_000)
      process.on('SIGTERM', () => process.exit(7))
      new Worker(new URL('./thread.ts', import.meta.url)).on('exit', () =>
        console.log('up', text, process.pid, process.argv.slice(2)))`,
    )
    const run = new Run([...command, 'app.ts', 'x', '--until-success'])
    const up = (text: string): RegExp => new RegExp(`^up ${text} (\\d+) \\[ 'x', '--until-success' \\]$`, 'm')
    const [, firstPid] = await run.said(up('one'))

    write('text.ts', `export const text: string = `)
    await run.said(/text\.ts modified; restarting server/)
    await run.said(/^hook$/m)
    await run.said(/text\.ts:1/)
    await run.said(/SyntaxError/)
    await run.said(/Program exited with status 1; waiting for a change/)
    expect(isRunning(firstPid)).toBe(false)

    write('text.ts', `export const text: string = 'second'`)
    await run.said(/text\.ts modified; restarting server/)
    await run.said(up('second'))

    write('note.txt', '22')
    await run.said(/note\.txt modified; restarting server/)
    await run.said(up('second'))

    write('thread-part.ts', `console.log('changed thread')`)
    await run.said(/thread-part\.ts modified; restarting server/)
    await run.said(/^changed thread$/m)
    const [, lastPid] = await run.said(up('second'))

    run.child.kill('SIGTERM')
    await expect(run.ended).resolves.toBe(7)
    expect(isRunning(lastPid)).toBe(false)
  })

  it('B-reload-006 runs a module by its name until it succeeds', async () => {
    mkdirSync(join(folder, 'node_modules', 'job'), { recursive: true })
    write('node_modules/job/package.json', '{ "type": "module", "exports": { ".": "./job.js" } }')
    write(
      'node_modules/job/job.js',
      `import { readFileSync } from 'node:fs'
      const status = Number(readFileSync('status.txt', 'utf8'))
      console.log('job', process.argv.slice(2), status)
      process.exit(status)`,
    )
    write('status.txt', '3')
    const run = new Run([...command, '--until-success', '--node-modules', '-m', 'job', '-v'])
    await run.said(/job \[ '-v' \] 3/)
    await run.said(/Program exited with status 3; waiting for a change/)
    write('status.txt', '0')
    // Not watched: only the program is.
    write('node_modules/job/job.js', `console.log('better')`)
    await run.said(/job\.js modified; restarting server/)
    await run.said(/better/)
    await expect(run.ended).resolves.toBe(0)
  })

  it('B-reload-006 leaves no program behind when it is killed, or stopped while it waits', async () => {
    write('long.ts', `setInterval(() => {}, 60_000)\nconsole.log('up', process.pid)`)
    const killed = new Run([...command, 'long.ts'])
    await killed.said(/up (\d+)/)
    killed.child.kill('SIGKILL')
    // The program has the output of the command: this resolves when both are gone.
    await expect(killed.ended).resolves.toBe('SIGKILL')

    const waiting = new Run([...command, 'missing.ts'])
    await waiting.said(/ERR_MODULE_NOT_FOUND/)
    await waiting.said(/waiting for a change/)
    waiting.child.kill('SIGINT')
    await expect(waiting.ended).resolves.toBe('SIGINT')
  })

  it('B-reload-006 tells how it is used, with status 1', async () => {
    const run = new Run(command)
    await run.said(/^tornado-autoreload: No program given\nUsage:/)
    await expect(run.ended).resolves.toBe(1)
    expect(parseCommand(['-m'])).toBe('-m needs the name of a module')
    expect(parseCommand(['-m', './no-such-module'])).toBe('Cannot find module ./no-such-module')
    expect(parseCommand(['-m', 'fs'])).toBe('Cannot find module fs')
    expect(parseCommand(['--bad', 'x.ts'])).toBe('Unknown option --bad')
    expect(parseCommand(['--help'])).toBe('help')
    expect(parseCommand(['--until-success', 'x.ts', '--bad'])).toMatchObject({
      untilSuccess: true,
      args: ['--bad'],
    })
  })
})
