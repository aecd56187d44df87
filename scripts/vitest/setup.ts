// A log line at warning or above that no `expectLog` claimed fails the test that caused it.
// (Unhandled rejections fail the run by vitest's own default.)
import { afterAll, afterEach, beforeEach } from 'vitest'
import { captureLogs, type LogCapture } from '../../packages/log/src/testing.ts'
import { removeTestAuthority } from './certificates.ts'

let capture: LogCapture

beforeEach(() => {
  capture = captureLogs()
})

afterEach(() => {
  capture.release()
  const lines = capture.unclaimed.map((record) => `${record.logger} ${record.level}: ${record.message}`)
  if (lines.length > 0)
    throw new Error(`Unexpected log lines (claim them with expectLog):\n${lines.join('\n')}`)
})

// Registered first, it runs behind those of the file. The processes of the tests are killed: a listener of `exit` would not be called.
afterAll(removeTestAuthority)
