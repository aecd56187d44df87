// Measures the build (`pnpm run build` first): in sources, vitest puts a getter before every import.
import { createRequire } from 'node:module'
import { it } from 'vitest'

const built: typeof import('../src/index.ts') = createRequire(import.meta.url)('@tornado-ts/options')
const { defineOptions, OptionParser } = built

const parser = new OptionParser()
const values = defineOptions(
  { port: { default: 8888 }, name: { default: 'lobby' }, ports: { type: 'int', multiple: true } },
  { parser },
)
const port = parser.define('otherPort', { default: 8888 })
let sum = 0

it('reading an option', async ({ bench }) => {
  await bench.compare(
    bench('of defineOptions', () => void (sum += values.port)),
    bench('of define', () => void (sum += port.value)),
    bench('get', () => void (sum += Number(parser.get('port')))),
    bench('as an attribute of the parser', () => void (sum += Number(parser.port))),
  )
})

it('parsing', async ({ bench }) => {
  const args = ['--port=80', '--name=room', '--ports=1:10,20']
  await bench.compare(
    bench('three arguments', () => void parser.parseCommandLine(args)),
    bench('the help', () => void parser.formatHelp()),
  )
})
