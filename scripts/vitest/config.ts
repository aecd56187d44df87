// What every package's tests share. TORNADO_TS_BUILT=1 resolves the sibling packages to their builds
// (scripts/node-matrix.mjs runs them so on the older Nodes); without it they resolve to their sources.
import { fileURLToPath } from 'node:url'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

const built = process.env['TORNADO_TS_BUILT'] === '1'

const config: ViteUserConfig = defineConfig({
  ssr: { resolve: built ? {} : { conditions: ['@tornado-ts/source'] } },
  test: {
    include: ['src/**/*.test.ts'],
    setupFiles: [fileURLToPath(new URL('setup.ts', import.meta.url))],
    passWithNoTests: false,
    testTimeout: 10_000,
    // Much of the time goes to waiting: vitest's own choice, one worker less than there are cores, leaves the machine idle.
    maxWorkers: 2,
    // A focused test would hide that the others did not run.
    allowOnly: false,
  },
})

export default config
