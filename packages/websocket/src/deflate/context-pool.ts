import { compressionBudget } from './compression-limits.ts'
import { ZlibContext, type ContextOptions } from './zlib-context.ts'

/** Contexts of messages that stand alone: kept for the next message of whatever connection. */
const idle = new Map<string, ZlibContext[]>()

export function takeContext(options: ContextOptions): ZlibContext {
  return idle.get(keyOf(options))?.pop() ?? new ZlibContext(options)
}

/** Gives a context back. */
export function keepContext(options: ContextOptions, context: ZlibContext): void {
  const key = keyOf(options)
  let kept = idle.get(key)
  if (kept === undefined) idle.set(key, (kept = []))
  if (!context.usable || kept.length >= compressionBudget.maxConcurrentJobs) {
    context.close()
    return
  }
  context.reset()
  kept.push(context)
}

function keyOf({ kind, windowBits, level, memLevel }: ContextOptions): string {
  return kind === 'inflate' ? `inflate ${windowBits}` : `deflate ${windowBits} ${level} ${memLevel}`
}
