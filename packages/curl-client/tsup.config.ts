import { defineConfig } from 'tsup'
import { published } from '../../scripts/tsup/published.ts'

export default defineConfig({
  ...published,
  entry: ['src/index.ts'],
})
