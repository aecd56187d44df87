import { EventsWay } from './ways/events.js'
import { PollingWay } from './ways/polling.js'
import { askForNews, postMessage } from './ways/post.js'
import { WebSocketWay } from './ways/websocket.js'

const ways = { websocket: WebSocketWay, events: EventsWay, polling: PollingWay }
/** The best first. */
const order = ['websocket', 'events', 'polling']
/** A way that is not open by then does not work here: proxies may swallow it. */
const openTimeoutMs = 4000
const longestWaitMs = 8000
/** Longer than a long poll without news. */
const silenceMs = 60_000
/** A server that works answers to a message at once. */
const answerTimeoutMs = 10_000
/** A page that comes into sight has been told of what there is so lately that it need not ask. */
const freshMs = 5000

/**
 * Keeps the page connected by one of the ways, and sees that each message gets there once: it is sent again, under the same nonce, until
 * the server has it; what was missed is asked for from the cursor on.
 */
export class Connection {
  #page
  #on
  #cursor
  #people = 0
  #outbox = []
  #choice = 'best'
  /** Which of the ways is tried, when the best is wanted. */
  #rank = 0
  /** Ways that have been open on this page. */
  #worked = new Set()
  #way = null
  #failures = 0
  #retryTimer = 0
  #openTimer = 0
  #sendTimer = 0
  #answerTimer = 0
  #silenceTimer = 0
  #heardAt = 0
  #sending = false

  constructor(page, on) {
    this.#page = page
    this.#on = on
    this.#cursor = page.cursor
    addEventListener('online', () => this.#connect())
    // A page that comes back from the browser's cache has missed something.
    addEventListener('pageshow', (event) => event.persisted && this.#connect())
    document.addEventListener('visibilitychange', () => {
      if (document.hidden) return
      if (this.#way === null) this.#connect()
      else if (Date.now() - this.#heardAt > freshMs) void this.#check()
    })
  }

  get room() {
    return this.#page.room
  }

  get xsrf() {
    return this.#page.xsrf
  }

  get cursor() {
    return this.#cursor
  }

  get people() {
    return this.#people
  }

  /** Chooses a way, or `best`. */
  use(choice) {
    this.#choice = choice
    this.#rank = 0
    this.#failures = 0
    this.#connect()
  }

  /** Sends a message, now or when that is possible again. */
  say(text) {
    const message = { nonce: makeNonce(), text }
    this.#outbox.push(message)
    this.#on.onPending(message)
    void this.#sendNext()
  }

  // What the ways tell

  opened() {
    clearTimeout(this.#openTimer)
    this.#failures = 0
    this.#worked.add(this.#name)
    this.#watchSilence()
    this.#on.onState('connected', this.#name)
    void this.#sendNext()
  }

  lost() {
    this.#drop()
    this.#failures++
    this.#on.onState('lost', this.#name)
    // What has never worked here gives way to the next best, and all are tried in turn.
    if (this.#choice === 'best' && !this.#worked.has(this.#name)) this.#rank = (this.#rank + 1) % order.length
    if (this.#failures % 3 === 0) void this.#check()
    const waitMs = Math.min(longestWaitMs, 250 * 2 ** this.#failures) * (0.5 + Math.random() / 2)
    this.#retryTimer = setTimeout(() => this.#connect(), this.#failures === 1 ? 100 : waitMs)
  }

  /** Something has happened: `messages`, `people`, or the answer to a message. */
  received({ messages = [], people, accepted, refused, nonce, retryAfterMs }) {
    this.#watchSilence()
    for (const message of messages) {
      this.#cursor = Math.max(this.#cursor, message.id)
      this.#settled(message.nonce)
    }
    if (messages.length > 0) this.#on.onMessages(messages)
    if (people !== undefined) {
      this.#people = people.version
      this.#on.onPeople(people)
    }
    if (accepted !== undefined) this.#settled(accepted.nonce)
    if (refused === 'rate') this.#later(retryAfterMs)
    else if (refused !== undefined) this.#refuse(nonce)
  }

  /** The server does not know who we are any more: the page asks anew. */
  unknown() {
    this.#on.onUnknown(this.#outbox)
    location.reload()
  }

  #watchSilence() {
    this.#heardAt = Date.now()
    clearTimeout(this.#silenceTimer)
    this.#silenceTimer = setTimeout(() => void this.#check(), silenceMs)
  }

  /**
   * Asks by a request of its own. Only that tells why a WebSocket or a stream of events is refused, and whether one that is silent
   * leads anywhere: after a sleep, or in another network, nothing ends it.
   */
  async #check() {
    const way = this.#way
    const news = await askForNews(this)
    if (news === 'unknown') this.unknown()
    else if (way === null || way !== this.#way) return
    // What can be asked for should have been told.
    else if (news === null || news.messages?.some(({ id }) => id > this.#cursor)) this.lost()
    else this.received(news)
  }

  get #name() {
    return this.#choice === 'best' ? order[this.#rank] : this.#choice
  }

  #connect() {
    this.#drop()
    this.#on.onState('connecting', this.#name)
    this.#way = new ways[this.#name](this)
    this.#watchSilence()
    if (this.#name !== 'polling') this.#openTimer = setTimeout(() => this.lost(), openTimeoutMs)
  }

  #drop() {
    clearTimeout(this.#retryTimer)
    clearTimeout(this.#openTimer)
    clearTimeout(this.#silenceTimer)
    this.#way?.close()
    this.#way = null
    this.#answered()
  }

  /** One at a time, so that they arrive in order. */
  async #sendNext() {
    const [message] = this.#outbox
    if (message === undefined || this.#sending || this.#way === null || this.#sendTimer !== 0) return
    this.#sending = true
    if (this.#way.send !== undefined) {
      if (this.#way.send(message)) this.#answerTimer = setTimeout(() => this.lost(), answerTimeoutMs)
      else this.#sending = false
      return
    }
    const way = this.#way
    const answer = await postMessage(this, message)
    if (answer === null) {
      // Perhaps it got there, perhaps not: under its nonce it can be sent again.
      this.#sending = false
      this.#later(1000, null)
    } else if (answer === 'unknown') this.unknown()
    else {
      if (way === this.#way) this.#sending = false
      this.received({ nonce: message.nonce, ...answer })
    }
  }

  #settled(nonce) {
    const index = this.#outbox.findIndex((message) => message.nonce === nonce)
    if (index < 0) return
    this.#outbox.splice(index, 1)
    if (index === 0) this.#answered()
    this.#on.onNote(null)
    void this.#sendNext()
  }

  #refuse(nonce) {
    const message = this.#outbox.find((each) => each.nonce === nonce)
    this.#settled(nonce)
    if (message === undefined) return
    this.#on.onRefused(message)
    this.#on.onNote('refused')
  }

  #answered() {
    clearTimeout(this.#answerTimer)
    this.#sending = false
  }

  #later(waitMs, note = 'slower') {
    this.#answered()
    if (note !== null) this.#on.onNote(note)
    clearTimeout(this.#sendTimer)
    this.#sendTimer = setTimeout(() => {
      this.#sendTimer = 0
      void this.#sendNext()
    }, waitMs)
  }
}

/** Works without TLS too, unlike `crypto.randomUUID`. */
function makeNonce() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('')
}
