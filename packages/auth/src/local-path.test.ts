import { expect, it } from 'vitest'
import { localPath } from './local-path.ts'

it.each(['/', '/rooms', '/rooms?next=//x#y', '/a//b', '/é'])('%j is a path of this site', (path) => {
  expect(localPath(path)).toBe(path)
})

it.each([
  null,
  undefined,
  '',
  'rooms',
  '//x.org',
  '/\\x.org',
  '\\\\x.org',
  '/\t/x.org',
  '/\n/x.org',
  ' //x.org',
  'https://x.org',
  'javascript:1',
  '/a\\b',
  '/a\u0000',
])('%j is none', (path) => {
  expect(localPath(path, '/home')).toBe('/home')
})
