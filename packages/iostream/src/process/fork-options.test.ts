import { expectLog } from '@tornado-ts/log/testing'
import { expect, it, vi } from 'vitest'
import { forkProcesses } from './fork-processes.ts'

const { supervised } = vi.hoisted(() => ({ supervised: vi.fn<(count: number, options: object) => void>() }))
vi.mock('./process-supervisor.ts', () => ({
  ProcessSupervisor: class {
    constructor(count: number, options: object) {
      supervised(count, options)
    }
    run(): Promise<number> {
      return Promise.resolve(0)
    }
  },
}))

it('B-proc-002 a hundred restarts are the most unless told otherwise', async () => {
  using logged = expectLog('tornado.general', /^Starting 2 processes$/, { level: 'info' })
  await forkProcesses(2)
  expect(supervised).toHaveBeenCalledExactlyOnceWith(2, expect.objectContaining({ maxRestarts: 100 }))
  expect(logged.matched).toBe(1)
})
