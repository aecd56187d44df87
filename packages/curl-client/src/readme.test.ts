import { join } from 'node:path'
import { it } from 'vitest'
import { expectReadmeProgramToRun } from '../../../scripts/vitest/readme-program.ts'
import { libcurl } from './libcurl.ts'

it.skipIf(isMissing())('the program of the README prints what stands below it', async () => {
  await expectReadmeProgramToRun(join(import.meta.dirname, '..'))
})

function isMissing(): boolean {
  try {
    libcurl()
    return false
  } catch {
    return true
  }
}
