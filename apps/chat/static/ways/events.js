/** Server-sent events; messages are posted. */
export class EventsWay {
  #source

  constructor(link) {
    const query = new URLSearchParams({ room: link.room, cursor: link.cursor })
    this.#source = new EventSource(`/a/message/events?${query}`)
    this.#source.addEventListener('open', () => link.opened())
    this.#source.addEventListener('message', ({ data }) => link.received(JSON.parse(data)))
    // It would connect again by itself, but not after every kind of answer: the page does it in one way for all.
    this.#source.addEventListener('error', () => link.lost())
  }

  close() {
    this.#source.close()
  }
}
