import { accessSync, constants } from 'node:fs'
import { delimiter, resolve } from 'node:path'

/** Where a program is, or `null`. */
export function findProgram(name: string): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    try {
      accessSync(resolve(folder, name), constants.X_OK)
      return resolve(folder, name)
    } catch {}
  }
  return null
}
