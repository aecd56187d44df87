/** Settings of one read. */
export interface ReadOptions {
  /** Aborting gives the read up, with the signal's reason: the stream stays open and what has come stays in it. */
  signal?: AbortSignal
}

/** Settings of a read that asks for a number of bytes. */
export interface SizedReadOptions extends ReadOptions {
  /** Whether fewer bytes, but at least one, will do. @default false */
  partial?: boolean
}

/** Settings of a read that looks for something. */
export interface SearchReadOptions extends ReadOptions {
  /** The number of bytes within which what is looked for must end. @default Infinity */
  maxSize?: number
}
