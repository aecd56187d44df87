// All packages' tests in one vitest, their siblings resolved to the builds (see node-matrix.mjs).
import { fileURLToPath } from 'node:url'
import { defineConfig, type ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    projects: ['packages/*'],
    passWithNoTests: false,
  },
})

export default config
