import type { Options } from 'autocannon'
import { fileURLToPath } from 'node:url'
import { installedVersion } from '../installed-version.ts'
import { LineProcess } from '../line-process.ts'
import type { LoadResult } from '../load-case.ts'
import { loopback } from '../server-program.ts'
import type { HttpLoad, HttpLoadOptions, HttpTarget } from './http-load.ts'

/** autocannon looks whether its time is over once a sample, which by its default is once a second. */
const sampleMs = 50
/** What autocannon may take longer than it is told to. */
const graceMs = 20_000

const host = fileURLToPath(new URL('autocannon-host.ts', import.meta.url))

/** autocannon, of which this package has a copy, in one process for all runs: it is slow until it is warm. */
export function findAutocannon({ prefix }: Pick<HttpLoadOptions, 'prefix'>): HttpLoad {
  let running: LineProcess | undefined
  return {
    version: `autocannon ${installedVersion('autocannon')}`,
    async run(target, durationMs) {
      running ??= new LineProcess([...prefix, process.execPath, host])
      const options = JSON.stringify(autocannonOptions(target, durationMs))
      return parseAutocannonOutput(await running.ask(options, durationMs + graceMs))
    },
    async [Symbol.asyncDispose]() {
      await running?.stop()
    },
  }
}

export function autocannonOptions(target: HttpTarget, durationMs: number): Options {
  const { port, request, connections, pipelining } = target
  const { method, path, headers, body } = request
  return {
    url: `http://${loopback}:${port}${path}`,
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    connections,
    pipelining,
    duration: durationMs / 1000,
    sampleInt: sampleMs,
  }
}

/** @throws {Error} When the output is not the JSON of a run. */
export function parseAutocannonOutput(output: string): LoadResult {
  const result: Partial<Record<string, number>> = JSON.parse(output)
  const { '2xx': done, non2xx, errors, duration } = result
  if (done === undefined || non2xx === undefined || errors === undefined || duration === undefined) {
    throw new Error(`Cannot find the totals in what autocannon said: ${output.trim()}`)
  }
  // Time-outs are among the errors.
  return { done, failed: non2xx + errors, seconds: duration }
}
