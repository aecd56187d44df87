import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LoadResult } from '../load-case.ts'
import { loopback } from '../server-program.ts'
import type { HttpLoad, HttpLoadOptions, HttpTarget } from './http-load.ts'
import { encodeRequest } from './http-request.ts'
import { runProgram } from './run-program.ts'

/** More threads only take cores from each other: one makes more load than any one server bears. */
const maxThreads = 4

/** wrk, or `null` when it is not on PATH. */
export function findWrk({ prefix, cores }: Omit<HttpLoadOptions, 'tool'>): HttpLoad | null {
  const { stdout, error } = spawnSync('wrk', ['--version'], { encoding: 'utf8' })
  if (error !== undefined) return null
  const threads = Math.max(1, Math.min(cores, maxThreads))
  return {
    version: `wrk ${/^wrk (\S+)/.exec(stdout)?.[1] ?? '(version unknown)'}`,
    async run(target, durationMs) {
      const folder = mkdtempSync(join(tmpdir(), 'tornado-ts-bench-'))
      try {
        const script = join(folder, 'request.lua')
        writeFileSync(script, wrkScript(target))
        // wrk counts in whole seconds; an interrupt ends it sooner, with its figures as usual.
        const seconds = Math.ceil(durationMs / 1000)
        const command = [
          ...prefix,
          'wrk',
          `-t${threads}`,
          `-c${target.connections}`,
          `-d${seconds}s`,
          '-s',
          script,
        ]
        const url = `http://${loopback}:${target.port}/`
        const options = seconds * 1000 > durationMs ? { interruptAfterMs: durationMs } : {}
        return parseWrkOutput(await runProgram([...command, url], options))
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
    async [Symbol.asyncDispose]() {},
  }
}

/**
 * A script that makes wrk send exactly these bytes. wrk asks `wrk.format` once, before it starts, and counts the
 * requests in what it gets; so it pipelines without calling into Lua again.
 */
export function wrkScript({ request, pipelining }: Pick<HttpTarget, 'request' | 'pipelining'>): string {
  const bytes = luaString(encodeRequest(request).repeat(pipelining))
  return `wrk.format = function()\n  return ${bytes}\nend\n`
}

function luaString(text: string): string {
  const escaped = text.replaceAll(
    /[^ !#-[\]-~]/g,
    (char) => `\\${String(char.charCodeAt(0)).padStart(3, '0')}`,
  )
  return `"${escaped}"`
}

const secondsIn = new Map([
  ['us', 1e-6],
  ['ms', 1e-3],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
])

/** @throws {Error} When there is no total in the output. */
export function parseWrkOutput(output: string): LoadResult {
  const total = /(\d+) requests in ([\d.]+)(us|ms|s|m|h)\b/.exec(output)
  if (total === null) throw new Error(`Cannot find the total in what wrk said: ${output.trim()}`)
  const [, requests, time, unit = ''] = total
  const wrong = Number(/Non-2xx or 3xx responses: (\d+)/.exec(output)?.[1] ?? 0)
  const errors =
    /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output)?.slice(1) ?? []
  return {
    done: Number(requests) - wrong,
    failed: wrong + errors.reduce((sum, count) => sum + Number(count), 0),
    seconds: Number(time) * (secondsIn.get(unit) ?? Number.NaN),
  }
}
