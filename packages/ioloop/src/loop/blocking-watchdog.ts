// From the module, because a test's fake timers replace the globals and must not stop the heart.
import { clearInterval, setInterval } from 'node:timers'
import { isMainThread, Worker } from 'node:worker_threads'
import { appLog } from '@tornado-ts/log'

/** One place of a stack. */
interface Frame {
  readonly name: string
  readonly url: string
  readonly line: number
  readonly column: number
}

interface BlockedReport {
  readonly blockedMs: number
  /** Innermost first. */
  readonly frames: readonly Frame[]
}

/**
 * Reports each time the loop was blocked for longer than a threshold, with the stack of the culprit.
 *
 * The loop beats a counter; a thread that misses the beat stops the loop's thread for a moment through the
 * inspector, where it stands, takes the stack, and lets it go on.
 */
export class BlockingWatchdog {
  readonly #thread: Worker
  readonly #heart: NodeJS.Timeout

  /** @throws {RangeError} When the threshold is not above 0. */
  constructor(thresholdMs: number) {
    if (!isMainThread) throw new Error('The main thread alone can be watched for blocks')
    if (!(thresholdMs > 0)) throw new RangeError(`Cannot watch for blocks of ${thresholdMs} ms`)
    const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
    this.#thread = new Worker(watchThread, { eval: true, workerData: { beats, thresholdMs } })
    this.#thread.on('message', logReport)
    this.#thread.on('error', (error) => {
      appLog.warning('Cannot watch for a blocked IOLoop', error)
    })
    this.#thread.unref()
    this.#heart = setInterval(() => Atomics.add(beats, 0, 1), Math.max(1, thresholdMs / 4))
    this.#heart.unref()
  }

  async close(): Promise<void> {
    clearInterval(this.#heart)
    this.#thread.off('message', logReport)
    await this.#thread.terminate()
  }
}

function logReport({ blockedMs, frames }: BlockedReport): void {
  const culprit = frames.find(({ url }) => !url.startsWith('node:')) ?? frames[0]
  const where = culprit === undefined ? '' : ` in ${describe(culprit)}`
  const stack = new Error('Stack of the blocked IOLoop')
  stack.stack = [String(stack), ...frames.map((frame) => `    at ${describe(frame)}`)].join('\n')
  appLog.warning(`IOLoop blocked for ${Math.round(blockedMs)} ms${where}`, stack)
}

function describe({ name, url, line, column }: Frame): string {
  return `${name === '' ? '<anonymous>' : name} (${url}:${line}:${column})`
}

// Text, not a file, which would be lost when the application is bundled. It connects to the inspector only for
// the moment: a session that stays open would hold up the end of the process.
const watchThread = `
const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads')
const { Session } = process.getBuiltinModule('node:inspector')
const { beats, thresholdMs } = workerData
let beat = Atomics.load(beats, 0)
let lastBeatMs = performance.now()
let session = null
let frames = []

function takeStack() {
  const urls = new Map()
  session = new Session()
  session.connectToMainThread()
  session.on('Debugger.scriptParsed', ({ params }) => urls.set(params.scriptId, params.url))
  session.on('Debugger.paused', ({ params }) => {
    const inTime = Atomics.load(beats, 0) === beat
    frames = (inTime ? params.callFrames : []).map(({ functionName, location }) => ({
      name: functionName,
      url: urls.get(location.scriptId) ?? '',
      line: location.lineNumber + 1,
      column: (location.columnNumber ?? 0) + 1,
    }))
    session.post('Debugger.resume')
    session.post('Debugger.disable')
  })
  session.post('Debugger.enable')
  session.post('Debugger.pause')
}

setInterval(() => {
  const nowMs = performance.now()
  const current = Atomics.load(beats, 0)
  if (current === beat) {
    if (session === null && beat > 0 && nowMs - lastBeatMs > thresholdMs) takeStack()
    return
  }
  if (session !== null) {
    session.disconnect()
    session = null
    parentPort.postMessage({ blockedMs: nowMs - lastBeatMs, frames })
    frames = []
  }
  beat = current
  lastBeatMs = nowMs
}, Math.max(1, thresholdMs / 4))
`
