import { defineConfig } from 'tsup'

export default defineConfig({
  entry: ['src/index.ts', 'src/tcp.ts', 'src/proxy.ts', 'src/netutil.ts', 'src/process.ts', 'src/memory.ts'],
  format: ['esm'],
  target: 'node22',
  dts: false,
  clean: true,
  sourcemap: true,
})
