// The page of a room: puts what happens on the page, and what is written on its way.
import { Composer } from './composer.js'
import { Connection } from './connection.js'
import { MessageLog } from './message-log.js'
import { showPeople } from './people.js'
import { say } from './words.js'

const page = JSON.parse(document.getElementById('page').textContent)
const status = document.getElementById('status')
const choice = document.getElementById('way')
const log = new MessageLog(page)

const connection = new Connection(page, {
  onState(state, way) {
    status.dataset.state = state
    status.textContent = say(page.words[state], { way: page.words[way] })
  },
  onMessages(messages) {
    for (const message of messages) log.add(message)
  },
  onPeople(people) {
    showPeople(people, page)
  },
  onPending(message) {
    log.showPending(message)
  },
  onNote(note) {
    composer.note(note === null ? '' : page.words[note])
  },
  onRefused(message) {
    log.dropPending(message)
    composer.giveBack(message.text)
  },
  onUnknown(messages) {
    composer.keep(messages)
  },
})
const composer = new Composer(page, (text) => connection.say(text))

showPeople(page.people, page)
choice.value = remembered() ?? 'best'
choice.addEventListener('change', () => {
  try {
    localStorage.setItem('chat-way', choice.value)
  } catch {
    // A browser that keeps nothing: it holds for this page.
  }
  connection.use(choice.value)
})
connection.use(choice.value)

const side = document.getElementById('side')
const showSide = document.getElementById('show-side')
showSide.addEventListener('click', () => {
  const shown = side.classList.toggle('shown')
  showSide.setAttribute('aria-expanded', String(shown))
  // Not a field of it: on a phone that would bring up the keyboard.
  if (shown) side.focus()
})
side.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || !side.classList.contains('shown')) return
  showSide.click()
  showSide.focus()
})

function remembered() {
  try {
    const way = localStorage.getItem('chat-way')
    return [...choice.options].some(({ value }) => value === way) ? way : null
  } catch {
    return null
  }
}
