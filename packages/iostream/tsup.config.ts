import { defineConfig } from 'tsup'
import { published } from '../../scripts/tsup/published.ts'

export default defineConfig({
  ...published,
  entry: ['src/index.ts', 'src/tcp.ts', 'src/proxy.ts', 'src/netutil.ts', 'src/process.ts', 'src/memory.ts'],
})
