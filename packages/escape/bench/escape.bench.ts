// Measures the build (`pnpm run build` first): in sources, vitest puts a getter before every import.
import { createRequire } from 'node:module'
import { it } from 'vitest'

const built: typeof import('../src/index.ts') = createRequire(import.meta.url)('@tornado-ts/escape')
const { jsonEncode, linkify, parseQsBytes, urlEscape, urlUnescape, xhtmlEscape, xhtmlUnescape } = built

const words = 'the quick brown fox jumps over the lazy dog '
const paragraph = `${words.repeat(10)}see http://chat.test/rooms/7?after=12&limit=5 (or www.chat.test)`

it('HTML', async ({ bench }) => {
  await bench.compare(
    bench('xhtmlEscape, 15 characters, nothing to escape', () => void xhtmlEscape('a cell of a row')),
    bench('xhtmlEscape, 4400 characters, nothing to escape', () => void xhtmlEscape(words.repeat(100))),
    bench('xhtmlEscape, 20 characters, 8 to escape', () => void xhtmlEscape('<b title="x">&\'</b>.')),
    bench('xhtmlUnescape, 30 characters, 4 references', () =>
      void xhtmlUnescape('a &lt;b&gt; &amp; &#x20AC; 123')),
    bench('linkify, a paragraph with two URLs', () => void linkify(paragraph)),
  )
})

it('URLs and JSON', async ({ bench }) => {
  const query = 'q=caf%C3%A9+au+lait&page=3&sort=asc'
  const rows = Array.from({ length: 20 }, (_, id) => ({ id, name: `row <${id}>`, ok: true }))
  await bench.compare(
    bench('urlEscape', () => void urlEscape('café au lait/7')),
    bench('urlUnescape', () => void urlUnescape('caf%C3%A9+au+lait%2F7')),
    bench('parseQsBytes, three fields', () => void parseQsBytes(query)),
    bench('JSON.stringify, 20 rows', () => void JSON.stringify(rows)),
    bench('jsonEncode, 20 rows', () => void jsonEncode(rows)),
  )
})

it('hostile input: twice the size should take twice the time', async ({ bench }) => {
  const size = 30_000
  await bench.compare(
    bench('linkify, 30,000 times "www.("', () => void linkify('www.('.repeat(size))),
    bench('linkify, 60,000 times "www.("', () => void linkify('www.('.repeat(2 * size))),
    bench('xhtmlUnescape, 30,000 times "&notit"', () => void xhtmlUnescape('&notit'.repeat(size))),
    bench('xhtmlUnescape, 60,000 times "&notit"', () => void xhtmlUnescape('&notit'.repeat(2 * size))),
  )
})
