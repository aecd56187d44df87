import type { Stats } from 'node:fs'
import { statFile } from './file-reader.ts'

const waiting = new Map<string, Promise<Stats | null>>()

/**
 * What a path is, `null` when there is nothing (that can be reached). Requests that come in one turn of the event loop share
 * one question; it is asked after all of them, so that none is told what was before it.
 */
export function statShared(path: string): Promise<Stats | null> {
  let answer = waiting.get(path)
  if (answer === undefined) {
    answer = statInNextPhase(path)
    waiting.set(path, answer)
  }
  return answer
}

/** Whether an error of the file system means that there is nothing for us at that path. */
export function isMissing(error: unknown): boolean {
  return missing.has((error as NodeJS.ErrnoException).code ?? '')
}

const missing: ReadonlySet<string> = new Set([
  'ENOENT',
  'ENOTDIR',
  'ENAMETOOLONG',
  'ELOOP',
  'EACCES',
  'EPERM',
  'EINVAL',
])

async function statInNextPhase(path: string): Promise<Stats | null> {
  await new Promise((resolve) => setImmediate(resolve))
  waiting.delete(path)
  try {
    return await statFile(path)
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}
