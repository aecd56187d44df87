/** How long the requests of a connection take, lately. */
export class ServiceTime {
  #begunMs = 0
  #averageMs = Infinity

  begun(): void {
    this.#begunMs = performance.now()
  }

  ended(): void {
    const tookMs = performance.now() - this.#begunMs
    this.#averageMs = this.#averageMs === Infinity ? tookMs : this.#averageMs * 0.8 + tookMs * 0.2
  }

  /** Whether they are so quick that another one may be sent behind them. */
  get isBrisk(): boolean {
    return this.#averageMs <= briskMs
  }
}

const briskMs = 5
