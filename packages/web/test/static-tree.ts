import { createHash } from 'node:crypto'
import { readdirSync, readlinkSync } from 'node:fs'
import { expect } from 'vitest'
import { Application, type ApplicationRule } from '../src/application.ts'
import { StaticFileHandler } from '../src/static/static-file-handler.ts'
import type { StaticFileOptions } from '../src/static/static-rule.ts'
import type { StaticHandlerClass } from '../src/static/static-url.ts'
import type { FileTree } from './file-tree.ts'
import { serve, type Served } from './serve.ts'

export const quiet = { logFunction: (): void => {} }

export const robots = 'User-agent: *\nDisallow: /\n'

export const sha512 = (content: string | Uint8Array): string =>
  createHash('sha512').update(content).digest('hex')

export const lastModified = 'Sun, 02 Feb 2020 20:20:20 GMT'

export function serveTree(
  tree: FileTree,
  options: Partial<StaticFileOptions> = {},
  handler: StaticHandlerClass = StaticFileHandler,
): Promise<Served> {
  const rules: ApplicationRule[] = [['/files/(.*)', handler, { path: tree.root, ...options }]]
  return serve(new Application(rules, quiet))
}

/** The paths of all files that this process has open. */
export function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)]
    } catch {
      // The directory that is being read is among them.
      return []
    }
  })
}

/** GET and HEAD, which must agree in all but the body; HEAD knows no ranges. */
export async function getAndHead(
  served: Served,
  path: string,
  headers: Record<string, string> = {},
): ReturnType<Served['fetch']> {
  const got = await served.fetch('GET', path, { headers })
  const head = await served.fetch('HEAD', path, { headers })
  const { Range: range, ...others } = headers
  const whole = range === undefined ? got : await served.fetch('GET', path, { headers: others })
  const timeless = (lines: readonly string[]): string[] =>
    lines.filter((line) => !/^(?:Date|Expires)/.test(line))
  expect([head.statusLine, timeless(head.lines), head.body]).toEqual([
    whole.statusLine,
    timeless(whole.lines),
    '',
  ])
  return got
}
