import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { StaticApp } from './app-spec.ts'

/** Where the files of the cases are, the same for all processes. */
export const staticDirectory: string = join(tmpdir(), `tornado-ts-bench-static-${userInfo().username}`)

/** Makes the file that is to be served, of letters, unless it is there. */
export function makeStaticFile({ directory, name, size }: StaticApp): void {
  const file = join(directory, name)
  mkdirSync(directory, { recursive: true })
  if (statSync(file, { throwIfNoEntry: false })?.size === size) return
  writeFileSync(file, Buffer.alloc(size, 'body { margin: 0 }\n'))
}
