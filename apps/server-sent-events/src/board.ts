/** A piece of news. */
export interface News {
  /** Counts from 1. */
  readonly id: number
  readonly text: string
}

/** Keeps the latest news, and tells everybody who watches of each new one. */
export class Board {
  /** How many are kept for those who were away. */
  static readonly keptCount = 100
  readonly #watchers = new Set<(news: News) => void>()
  #kept: News[] = []
  #lastId = 0

  post(text: string): void {
    const news = { id: ++this.#lastId, text }
    this.#kept = [...this.#kept, news].slice(-Board.keptCount)
    for (const watcher of this.#watchers) watcher(news)
  }

  /** What is kept and newer than the given id. */
  since(id: number): readonly News[] {
    // An id that is still to come is of an earlier run of the program.
    if (id > this.#lastId) return this.#kept
    return this.#kept.filter((news) => news.id > id)
  }

  /** Calls `watcher` with all news from now on, until `signal` fires. */
  watch(watcher: (news: News) => void, signal: AbortSignal): void {
    this.#watchers.add(watcher)
    signal.addEventListener('abort', () => this.#watchers.delete(watcher), { once: true })
  }

  get watcherCount(): number {
    return this.#watchers.size
  }
}
