/** Both directions on one WebSocket. */
export class WebSocketWay {
  #socket
  #closed = false

  constructor(link) {
    const url = new URL('/a/message/socket', location.href)
    url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:'
    url.search = String(new URLSearchParams({ room: link.room, cursor: link.cursor }))
    this.#socket = new WebSocket(url)
    this.#socket.addEventListener('open', () => {
      if (!this.#closed) link.opened()
    })
    this.#socket.addEventListener('message', ({ data }) => {
      if (!this.#closed) link.received(JSON.parse(data))
    })
    this.#socket.addEventListener('close', () => {
      if (!this.#closed) link.lost()
    })
  }

  /** Answers whether it is under way. */
  send({ nonce, text }) {
    if (this.#socket.readyState !== WebSocket.OPEN) return false
    this.#socket.send(JSON.stringify({ nonce, text }))
    return true
  }

  close() {
    this.#closed = true
    this.#socket.close()
  }
}
