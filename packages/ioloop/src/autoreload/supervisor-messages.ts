import type { FileStamp } from './file-watch.ts'

/** From the program to its supervisor: a file was loaded, or is to be watched. */
export interface WatchReport {
  readonly tornadoWatch: { readonly path: string; readonly stamp?: FileStamp }
}

/** From the supervisor: run the hooks and end. */
export interface ReloadOrder {
  readonly tornadoReload: string
}

// The program may send and receive messages of its own.

export function isWatchReport(message: unknown): message is WatchReport {
  return typeof message === 'object' && message !== null && 'tornadoWatch' in message
}

export function isReloadOrder(message: unknown): message is ReloadOrder {
  return typeof message === 'object' && message !== null && 'tornadoReload' in message
}
