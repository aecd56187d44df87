import { say } from './words.js'

/** Lists who is here. */
export function showPeople({ count, names }, { words, me }) {
  const items = names.map(({ id, name }) => {
    const item = document.createElement('li')
    item.style.setProperty('--hue', hueOf(id))
    const text = document.createElement('bdi')
    text.textContent = name
    item.append(text)
    if (id === me) item.append(` (${words.you})`)
    return item
  })
  if (count > names.length) {
    const more = document.createElement('li')
    more.className = 'more'
    more.textContent = say(words.andMore, { count: count - names.length })
    items.push(more)
  }
  document.getElementById('people').replaceChildren(...items)
  const title = count === 1 ? words.onePerson : say(words.morePeople, { count })
  document.getElementById('people-title').textContent = title
  document.getElementById('show-side').textContent = title
}

/** A colour for each person, the same on all pages. */
export function hueOf(id) {
  let sum = 0
  for (const letter of id) sum = (sum * 137 + letter.codePointAt(0)) % 65_521
  return sum % 360
}
