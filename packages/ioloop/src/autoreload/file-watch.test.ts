import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { FileWatch, stampOf } from './file-watch.ts'
import { loadedModules, moduleFile } from './loaded-modules.ts'

const folder = mkdtempSync(join(tmpdir(), 'tornado-watch-'))

afterAll(() => rmSync(folder, { recursive: true }))

function file(name: string, text = 'one'): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

it('B-reload-001 only records files at first, tells each change once, and ignores vanished files', async () => {
  const watch = new FileWatch()
  const path = file('a.txt')
  watch.add(path)
  await expect(watch.check()).resolves.toBeNull()
  writeFileSync(path, 'longer')
  await expect(watch.check()).resolves.toBe(path)
  await expect(watch.check()).resolves.toBeNull()
  utimesSync(path, 1, 1)
  await expect(watch.check()).resolves.toBe(path)
  rmSync(path)
  await expect(watch.check()).resolves.toBeNull()
  file('a.txt', 'it is back')
  await expect(watch.check()).resolves.toBe(path)
})

it('records a file that is not there yet when it comes, and tells its next change', async () => {
  const watch = new FileWatch()
  const path = join(folder, 'later.txt')
  watch.add(path)
  await expect(watch.check()).resolves.toBeNull()
  file('later.txt')
  await expect(watch.check()).resolves.toBeNull()
  file('later.txt', 'changed')
  await expect(watch.check()).resolves.toBe(path)
})

it('tells a change between the reading of a module and the first look', async () => {
  const watch = new FileWatch()
  const path = file('b.txt')
  const asRead = stampOf(path)
  file('b.txt', 'changed')
  watch.add(path, asRead ?? undefined)
  await expect(watch.check()).resolves.toBe(path)
})

it('adding a file again does not hide its change; many changed files make one change', async () => {
  const watch = new FileWatch()
  const paths = Array.from({ length: 150 }, (_, index) => file(`many-${index}.txt`))
  paths.forEach((path) => watch.add(path))
  paths.forEach((path) => writeFileSync(path, 'changed'))
  paths.forEach((path) => watch.add(path))
  await expect(watch.check()).resolves.toBe(paths[0])
  await expect(watch.check()).resolves.toBeNull()
})

it('takes modules for files only where they are, and those of installed packages on demand', () => {
  expect(moduleFile('node:fs', true)).toBeNull()
  expect(moduleFile('data:text/javascript,1', true)).toBeNull()
  const installed = new URL('node_modules/x/index.js', 'file:///c:/').href
  expect(moduleFile(installed, false)).toBeNull()
  expect(moduleFile(installed, true)).toMatch(/index\.js$/)
  expect(loadedModules(true).some((path) => path.includes('vitest'))).toBe(true)
  expect(loadedModules(false).filter((path) => /[\\/]node_modules[\\/]/.test(path))).toEqual([])
})
