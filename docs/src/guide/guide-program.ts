import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'

const builtOrSource = process.env['TORNADO_TS_BUILT'] === '1' ? [] : ['--conditions=@tornado-ts/source']
const flags = ['--disable-warning=ExperimentalWarning', ...builtOrSource]
const preload = ['--import', join(import.meta.dirname, 'unused-ports.ts')]

interface Report {
  readonly port?: number
  readonly loaded?: true
  readonly stopped?: true
  readonly failed?: string
}

/** A program of the guide that runs. */
export class GuideProgram {
  readonly child: ChildProcess
  /** Resolves with the exit status when the process has ended and everything it printed has come. */
  readonly ended: Promise<number | null>
  /** All that it has printed so far. */
  output = ''
  #reports: Report[] = []
  #ended = false
  #changed: () => void = () => {}

  constructor(args: readonly string[], folder: string) {
    this.child = spawn(process.execPath, [...flags, ...args], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        this.output += text
        this.#changed()
      })
    }
    this.child.on('message', (report: Report) => {
      this.#reports.push(report)
      this.#changed()
    })
    this.ended = once(this.child, 'close').then(([status]) => {
      this.#ended = true
      this.#changed()
      return status as number | null
    })
  }

  /** Starts a program in a process of its own. */
  static alone(file: string, args: readonly string[] = []): GuideProgram {
    return new GuideProgram([...preload, file, ...args], dirname(file))
  }

  /** Resolves with the URL of the program's server once it listens. */
  async url(): Promise<string> {
    return `http://127.0.0.1:${(await this.report('port')).port!}`
  }

  /** Resolves with the match once the output holds it. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    return await this.#until(() => pattern.exec(this.output), String(pattern))
  }

  /** Resolves with the first report that has this field. */
  async report(field: keyof Report): Promise<Report> {
    return await this.#until(() => this.#reports.find((report) => report[field] !== undefined) ?? null, field)
  }

  /** Forgets what was printed and reported. */
  reset(): void {
    this.output = ''
    this.#reports = []
  }

  async #until<Found>(find: () => Found | null, what: string): Promise<Found> {
    for (;;) {
      const found = find()
      if (found !== null) return found
      const failed = this.#reports.find((report) => report.failed !== undefined)
      if (failed !== undefined) throw new Error(`The program failed: ${failed.failed!}\n${this.output}`)
      if (this.#ended) throw new Error(`The program ended before ${what}:\n${this.output}`)
      await new Promise<void>((resolve) => (this.#changed = resolve))
    }
  }
}

/** One process that runs programs one after the other. */
export class GuideRunner implements AsyncDisposable {
  readonly #process: GuideProgram = new GuideProgram(
    [join(import.meta.dirname, 'run-programs.ts')],
    import.meta.dirname,
  )

  /** Runs a program, and closes its servers when the check is done. */
  async run(file: string, check: (program: GuideProgram) => Promise<void>): Promise<void> {
    const running = this.#process
    running.child.send({ run: file })
    try {
      await check(running)
    } catch (error) {
      throw new Error(`${file} fails; it has printed:\n${running.output}`, { cause: error })
    } finally {
      if (running.child.connected) {
        running.child.send({ stop: true })
        await running.report('stopped')
      }
      running.reset()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.child.kill()
    await this.#process.ended
  }
}
