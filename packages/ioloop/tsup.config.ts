import { defineConfig } from 'tsup'
import { published } from '../../scripts/tsup/published.ts'

export default defineConfig({
  ...published,
  entry: [
    'src/index.ts',
    'src/autoreload.ts',
    'src/autoreload-worker.ts',
    'src/locks.ts',
    'src/queues.ts',
    'src/testing.ts',
  ],
})
