import { expect, it } from 'vitest'
import { moduleName, parseCaller } from './caller.ts'

it.each([
  ['file:///srv/chat/rooms.ts', 'rooms'],
  ['/srv/chat/rooms.handler.mjs', 'rooms.handler'],
  ['file:///app/node_modules/@tornado-ts/web/dist/index.js', 'web'],
  ['file:///app/node_modules/@tornado-ts/web/dist/chunk-AB12CD.js', 'web'],
  ['/srv/chat/src/index.ts?import', 'chat'],
  [String.raw`C:\chat\main.js`, 'chat'],
  ['node:internal/timers', 'timers'],
  ['index.js', 'index'],
])('the module of %s is %s', (file, expected) => {
  expect(moduleName(file)).toBe(expected)
})

it.each([
  ['    at post (file:///srv/chat/rooms.ts:12:5)', 'file:///srv/chat/rooms.ts', 12],
  ['    at async Room.post (/srv/my chat (2)/rooms.ts:7:1)', '/srv/my chat (2)/rooms.ts', 7],
  ['    at /srv/chat/rooms.ts:3:9', '/srv/chat/rooms.ts', 3],
  ['    at async file:///srv/rooms.ts:4:9', 'file:///srv/rooms.ts', 4],
  [String.raw`    at Object.<anonymous> (C:\chat\rooms.js:5:1)`, String.raw`C:\chat\rooms.js`, 5],
  ['    at node:internal/main/run_main:1:1', 'node:internal/main/run_main', 1],
])('%s is read', (line, file, number) => {
  expect(parseCaller(`\n${line}`)).toMatchObject({ file, line: number })
})

it.each(['', 'Error', '    at native', '    at Array.map (<anonymous>)'])('%j names no place', (line) => {
  expect(parseCaller(line)).toBeNull()
})
