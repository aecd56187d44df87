import { createRequire } from 'node:module'
import type { LoadResult } from '../load-case.ts'
import { installedVersion } from '../installed-version.ts'
import { loopback } from '../server-program.ts'
import type { HttpLoad, HttpLoadOptions, HttpTarget } from './http-load.ts'
import { runProgram } from './run-program.ts'

/** autocannon looks whether its time is over once a sample, which by its default is once a second. */
const sampleMs = 50

/** autocannon, of which this package has a copy. */
export function findAutocannon({ prefix }: Pick<HttpLoadOptions, 'prefix'>): HttpLoad {
  const program = createRequire(import.meta.url).resolve('autocannon')
  return {
    version: `autocannon ${installedVersion('autocannon')}`,
    async run(target, durationMs) {
      const command = [...prefix, process.execPath, program, ...autocannonArguments(target, durationMs)]
      return parseAutocannonOutput(await runProgram(command))
    },
  }
}

export function autocannonArguments(target: HttpTarget, durationMs: number): string[] {
  const { port, request, connections, pipelining } = target
  const options = {
    connections,
    pipelining,
    duration: durationMs / 1000,
    sampleInt: sampleMs,
    method: request.method,
    ...(request.body === undefined ? {} : { body: request.body }),
  }
  return [
    ...Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]),
    ...Object.entries(request.headers).flatMap(([name, value]) => ['--headers', `${name}=${value}`]),
    '--json',
    '--no-progress',
    `http://${loopback}:${port}${request.path}`,
  ]
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
