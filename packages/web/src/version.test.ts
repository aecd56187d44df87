import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { version, versionInfo } from './version.ts'

it('the version is that of the package', () => {
  const manifest = JSON.parse(readFileSync(`${import.meta.dirname}/../package.json`, 'utf8')) as {
    version: string
  }
  expect(version).toBe(manifest.version)
  expect(versionInfo.slice(0, 3).join('.')).toBe(version)
})
