import type { LoadMessage } from './load-text.ts'

/** What a visitor is connected to, and whom it tells. */
export interface Link {
  readonly port: number
  readonly room: string
  /** Header fields of each request: cookies and token. */
  readonly head: string
  readonly answersFirst: boolean
  heard(message: LoadMessage): void
  /** The connection has ended. */
  lost(): void
}

/** Somebody who is connected. */
export interface Visitor {
  /** Says something on the same connection, where that is possible. */
  readonly say: ((text: string) => void) | null
}

/** What all connections of a process read into: each chunk is dealt with before the next is read. */
export const sharedBuffer: Buffer = Buffer.allocUnsafe(65_536)
