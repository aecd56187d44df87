import { post } from './post.js'

/** A request that the server answers when there is something new; then the next. Messages are posted. */
export class PollingWay {
  #abort = new AbortController()
  #link

  constructor(link) {
    this.#link = link
    void this.#poll()
  }

  close() {
    this.#abort.abort()
  }

  async #poll() {
    const link = this.#link
    let isFirst = true
    while (!this.#abort.signal.aborted) {
      const { cursor, room } = link
      // The first is answered at once, as it knows of nobody who is here.
      const people = isFirst ? 0 : link.people
      const response = await post(link, '/a/message/updates', { room, cursor, people }, this.#abort.signal)
      if (this.#abort.signal.aborted) return
      if (response?.status === 403) return link.unknown()
      if (!response?.ok) return link.lost()
      let news
      try {
        news = await response.json()
      } catch {
        if (!this.#abort.signal.aborted) link.lost()
        return
      }
      if (this.#abort.signal.aborted) return
      if (isFirst) link.opened()
      isFirst = false
      link.received(news)
    }
  }
}
