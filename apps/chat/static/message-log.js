import { hueOf } from './people.js'

/** The messages on the page: each once, in order, those under way last. */
export class MessageLog {
  #view = document.getElementById('log')
  #list = document.querySelector('#log ol')
  #newer = document.getElementById('newer')
  #template = document.getElementById('message')
  #me
  #words
  #time
  #dateTime

  constructor({ me, language, words }) {
    this.#me = me
    this.#words = words
    this.#time = new Intl.DateTimeFormat(language, { timeStyle: 'short' })
    this.#dateTime = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' })
    for (const item of this.#list.children) this.#finish(item)
    this.#toEnd()
    this.#view.addEventListener('scroll', () => {
      if (this.#isAtEnd()) this.#newer.hidden = true
    })
    this.#newer.addEventListener('click', () => this.#toEnd())
    // A keyboard that opens on a phone takes height away: the newest message stays in sight.
    new ResizeObserver(() => {
      if (this.#newer.hidden) this.#toEnd()
    }).observe(this.#view)
  }

  /** Adds a message of the room; one that is there already is left as it is. */
  add(message) {
    if (document.getElementById(`m${message.id}`) !== null) return
    const follow = this.#isAtEnd() || message.person === this.#me
    const item = this.#make(message)
    item.id = `m${message.id}`
    item.dataset.id = message.id
    this.dropPending(message)
    const before = [...this.#list.children].find((other) => !(Number(other.dataset.id) < message.id))
    this.#list.insertBefore(item, before ?? null)
    if (follow) this.#toEnd()
    else this.#newer.hidden = false
  }

  /** Shows what was written and is not taken yet. */
  showPending({ nonce, text }) {
    const item = this.#make({ nonce, text, person: this.#me, name: this.#words.sending, at: Date.now() })
    item.classList.add('pending')
    // Read out once: when it is a message of the room.
    item.ariaLive = 'off'
    this.#list.append(item)
    this.#toEnd()
  }

  dropPending({ nonce }) {
    this.#list.querySelector(`.pending[data-nonce="${CSS.escape(nonce)}"]`)?.remove()
  }

  #make({ nonce, person, name, text, at }) {
    const item = this.#template.content.firstElementChild.cloneNode(true)
    item.dataset.person = person
    item.dataset.nonce = nonce
    item.classList.toggle('mine', person === this.#me)
    // What people write becomes text, never HTML.
    item.querySelector('.name').textContent = name
    item.querySelector('.text').textContent = text
    item.querySelector('time').dateTime = new Date(at).toISOString()
    this.#finish(item)
    return item
  }

  /** What only the browser knows: colour and time of day. */
  #finish(item) {
    item.style.setProperty('--hue', hueOf(item.dataset.person))
    const time = item.querySelector('time')
    const date = new Date(time.dateTime)
    const isToday = date.toDateString() === new Date().toDateString()
    time.textContent = (isToday ? this.#time : this.#dateTime).format(date)
  }

  #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#view
    return scrollHeight - scrollTop - clientHeight < 60
  }

  #toEnd() {
    this.#view.scrollTop = this.#view.scrollHeight
    this.#newer.hidden = true
  }
}
