import { defineConfig } from 'tsup'

export default defineConfig({
  entry: [
    'src/index.ts',
    'src/autoreload.ts',
    'src/autoreload-worker.ts',
    'src/locks.ts',
    'src/queues.ts',
    'src/testing.ts',
  ],
  format: ['esm'],
  target: 'node22',
  dts: false,
  clean: true,
  sourcemap: true,
})
