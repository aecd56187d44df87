import { appLog } from '@tornado-ts/log'
import type { FileWatch } from './file-watch.ts'

/** Called before the program is started again. A promise is waited for. */
export type ReloadHook = () => unknown

interface ReloadState {
  readonly hooks: ReloadHook[]
  /** Files named by `watch` before anybody looks at them. */
  readonly watched: Set<string>
  /** Set in a program that the command supervises: tells it of a file. */
  report: ((path: string) => void) | null
  /** Set by the first `start`. */
  files: FileWatch | null
  readonly loops: WeakSet<object>
  isReloading: boolean
}

const key = Symbol.for('tornado.ioloop.autoreload.v1')

/** What the program and the command's preload share, in whatever copy of this package each is. */
export const reloadState: ReloadState = ((globalThis as { [key]?: ReloadState })[key] ??= {
  hooks: [],
  watched: new Set(),
  report: null,
  files: null,
  loops: new WeakSet(),
  isReloading: false,
})

/** Longest time that all hooks together may take. */
const longestHooksMs = 3_000

/** Runs the hooks in order. One that fails or hangs does not keep the program from starting again. */
export async function runReloadHooks(): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeUp = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, longestHooksMs)
  })
  await Promise.race([callHooks(), timeUp])
  clearTimeout(timer)
}

async function callHooks(): Promise<void> {
  for (const hook of reloadState.hooks) {
    try {
      await hook()
    } catch (error) {
      appLog.error('Exception in reload hook', error)
    }
  }
}
