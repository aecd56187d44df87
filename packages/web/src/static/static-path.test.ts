import { win32 } from 'node:path'
import { expect, it } from 'vitest'
import { absolutePathOf, hasEncodedSlash, isInside, isPlainPath } from './static-path.ts'

it('B-static-007 isInside compares whole names', () => {
  expect(isInside('/x/static', '/x/static')).toBe(true)
  expect(isInside('/x/static', '/x/static/a')).toBe(true)
  expect(isInside('/x/static', '/x/static_secret')).toBe(false)
  expect(isInside('/x/static', '/x')).toBe(false)
  expect(isInside('/', '/etc/passwd')).toBe(true)
  expect(isInside('C:\\x', 'C:\\x\\a', win32.sep)).toBe(true)
  expect(isInside('C:\\x', 'D:\\x\\a', win32.sep)).toBe(false)
})

it('isPlainPath takes the one spelling of a path', () => {
  const plain = (path: string, root = '/srv'): boolean => isPlainPath(path, { root, platform: 'linux' })
  for (const path of ['a', 'a/b', 'a/b/', '', '.hidden', '..a', 'a..', 'a/...', 'a\\b', 'C:/x', 'a b', 'é'])
    expect(plain(path), path).toBe(true)
  for (const path of ['/a', '//a', 'a//b', 'a//', './a', '../a', 'a/./b', 'a/..', '..', '.', 'a\0', '/'])
    expect(plain(path), path).toBe(false)
  expect([plain('/a', '/'), plain('//a', '/'), plain('/../a', '/')]).toEqual([true, false, false])
})

it('CVE-2025-66221 CVE-2025-23084 CVE-2025-27210 CVE-2026-54286 on Windows devices, streams and other spellings are no files', () => {
  const plain = (path: string): boolean => isPlainPath(path, { root: 'C:\\srv', platform: 'win32' })
  for (const path of ['a/b.txt', 'console.txt', 'com10', 'nulls', 'auxiliary.js', 'a~1.config', 'a/'])
    expect(plain(path), path).toBe(true)
  const odd = [
    'CON',
    'nul.txt',
    'a/AUX',
    'com1',
    'LPT9.css',
    'COM¹',
    'conin$',
    'a:b',
    'a.',
    'a ',
    'a\\b',
    '..\\a',
  ]
  for (const path of [
    ...odd,
    'C:/x',
    'a.txt::$DATA',
    'ADMINI~1',
    'PROGRA~12.TXT',
    'NUL .txt',
    'a?',
    'a*',
    'a\u0001',
  ])
    expect(plain(path), path).toBe(false)
})

it('hasEncodedSlash finds one in any case', () => {
  expect(['/a%2Fb', '/a%2fb', '/%2F'].every(hasEncodedSlash)).toBe(true)
  expect(['/a/b', '/a%252fb', '/%', '/%2'].some(hasEncodedSlash)).toBe(false)
})

it('absolutePathOf joins as Tornado does: an absolute path stands alone', () => {
  expect(absolutePathOf('/srv', 'a/../b')).toBe('/srv/b')
  expect(absolutePathOf('/srv', '/etc/passwd')).toBe('/etc/passwd')
})
