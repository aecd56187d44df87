/** What a heartbeat keeps alive. */
export interface Beating {
  beat(): void
}

/** Calls `beat` of everything that waits for the same period, by one timer for all of them. */
export class Heartbeat {
  readonly #periodMs: number
  readonly #beating = new Set<Beating>()
  #timer: NodeJS.Timeout | null = null

  constructor(periodMs: number) {
    this.#periodMs = periodMs
  }

  add(beating: Beating): void {
    this.#beating.add(beating)
    this.#timer ??= this.#start()
  }

  delete(beating: Beating): void {
    this.#beating.delete(beating)
    if (this.#beating.size > 0 || this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
  }

  #start(): NodeJS.Timeout {
    const timer = setInterval(() => {
      for (const beating of this.#beating) beating.beat()
    }, this.#periodMs)
    // A connection keeps the process alive by itself.
    timer.unref()
    return timer
  }
}

/** The heartbeat of a period. */
export function heartbeatOf(periodMs: number): Heartbeat {
  let heartbeat = heartbeats.get(periodMs)
  if (heartbeat === undefined) heartbeats.set(periodMs, (heartbeat = new Heartbeat(periodMs)))
  return heartbeat
}

const heartbeats = new Map<number, Heartbeat>()
