import { expect, it } from 'vitest'
import { cleanName, newPerson, personFromText, personToText } from './person.ts'

it('a name is one line of what can be seen', () => {
  expect(cleanName('  Ann \n  Lee ')).toBe('Ann Lee')
  expect(cleanName('小明 👋')).toBe('小明 👋')
  expect(cleanName('e\u0301')).toBe('é')
  expect(cleanName('a\u202eb\u0000c\u200bd')).toBe('abcd')
  expect(['', ' \n ', '\u200b', 'x'.repeat(31)].map(cleanName)).toEqual([null, null, null, null])
  expect(cleanName('👋'.repeat(30))).not.toBeNull()
})

it('a cookie holds a person, or nobody', () => {
  const person = newPerson('Ann "A" Lee')
  expect(personFromText(personToText(person))).toEqual(person)
  expect(newPerson('Ann').id).not.toBe(newPerson('Ann').id)
  for (const text of ['', '{}', 'null', '["a"]', '[1,"b"]', '["a",{}]'])
    expect(personFromText(text)).toBeNull()
})
