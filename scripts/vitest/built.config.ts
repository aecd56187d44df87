// All packages' tests in one vitest, their siblings resolved to the builds (see node-matrix.mjs).
import { fileURLToPath } from 'node:url'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    projects: ['packages/*'],
    passWithNoTests: false,
    // Much of the time goes to waiting: vitest's own choice, one worker less than there are cores, would leave the machine idle.
    maxWorkers: 3,
  },
})

export default config
