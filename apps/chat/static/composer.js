import { say } from './words.js'

const unsent = 'chat-unsent'

/** Where people write. */
export class Composer {
  #form = document.getElementById('composer')
  #text = document.getElementById('text')
  #note = document.getElementById('note')
  #words

  constructor({ words }, send) {
    this.#words = words
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault()
      const text = this.#text.value.trim()
      if (text === '') return
      this.#text.value = ''
      this.#grow()
      send(text)
      this.#text.focus()
    })
    this.#text.addEventListener('input', () => {
      this.#grow()
      const left = this.#text.maxLength - this.#text.value.length
      this.note(left < 100 ? say(this.#words.left, { count: left }) : '')
    })
    this.#text.addEventListener('keydown', (event) => {
      // Enter also ends the input of a Chinese word: that is not meant for us. On a phone it is a new line; there is a button.
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
      if (matchMedia('(pointer: coarse)').matches && !matchMedia('(any-pointer: fine)').matches) return
      event.preventDefault()
      this.#form.requestSubmit()
    })
    this.#takeKept()
    this.#grow()
    // Where there is a keyboard one can write at once; on a phone it would cover what was said.
    if (matchMedia('(any-pointer: fine)').matches) this.#text.focus()
  }

  note(text) {
    this.#note.textContent = text
  }

  /** Keeps what is not sent yet, while the page asks anew who uses it. */
  keep(messages) {
    const texts = [...messages.map(({ text }) => text), this.#text.value]
    try {
      sessionStorage.setItem(unsent, texts.join('\n').trim())
    } catch {
      // A browser that keeps nothing.
    }
  }

  #takeKept() {
    try {
      this.#text.value ||= sessionStorage.getItem(unsent) ?? ''
      sessionStorage.removeItem(unsent)
    } catch {
      // A browser that keeps nothing.
    }
  }

  /** Puts a text back that was refused. */
  giveBack(text) {
    if (this.#text.value === '') this.#text.value = text
    this.#grow()
  }

  #grow() {
    this.#text.style.height = 'auto'
    this.#text.style.height = `${this.#text.scrollHeight + 2}px`
  }
}
