import { join } from 'node:path'
import { it } from 'vitest'
import { expectReadmeProgramToRun } from '../../../scripts/vitest/readme-program.ts'

it('the program of the README prints what stands below it', async () => {
  await expectReadmeProgramToRun(join(import.meta.dirname, '..'))
})
