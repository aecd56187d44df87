// What a server does for each request, with the inputs that browsers send.
// Measures the build (`pnpm run build` first): in sources, vitest puts a getter before every import.
import { createRequire } from 'node:module'
import { describe, it } from 'vitest'

const built: typeof import('../src/index.ts') = createRequire(import.meta.url)('@tornado-ts/httputil')
const {
  currentHttpDate,
  decodeUtf8,
  ifNoneMatchMatches,
  isValidHost,
  parseBodyArguments,
  parseQueryArguments,
  parseRequestCookies,
} = built

it('each request', async ({ bench }) => {
  await bench('host', () => void isValidHost('www.example.com:8080')).run()
  await bench('date', () => void currentHttpDate()).run()
})

describe.each(['page=2&size=50&sort=name', 'q=caf%C3%A9+au+lait&tag=a%2Fb'])('query string %s', (query) => {
  it('beside URLSearchParams', async ({ bench }) => {
    await bench.compare(
      bench('parseQueryArguments', () => void parseQueryArguments(query)),
      bench('parseQueryArguments and decodeUtf8', () => {
        for (const [value] of parseQueryArguments(query).values()) decodeUtf8(value!)
      }),
      bench('URLSearchParams', () => void [...new URLSearchParams(query)]),
    )
  })
})

it('cookies and entity tags', async ({ bench }) => {
  const cookies =
    '_ga=GA1.2.1234567890.1234567890; session="2|1:0|10:1700000000|4:user|8:YWxpY2U=|6da4a011"; theme=dark'
  await bench('three cookies', () => void parseRequestCookies(cookies)).run()
  await bench('one entity tag', () =>
    void ifNoneMatchMatches('"0123456789abcdef"', '"0123456789abcdef"')).run()
})

it('forms', async ({ bench }) => {
  const file = Buffer.alloc(1024 * 1024, 'lorem ipsum\r\n')
  const head =
    '--B\r\nContent-Disposition: form-data; name="f"; filename="f.txt"\r\nContent-Type: text/plain\r\n\r\n'
  const multipart = Buffer.concat([Buffer.from(head), file, Buffer.from('\r\n--B--\r\n')])
  const urlencoded = Buffer.from('name=Alice&comment=hello+world%21')
  await bench('urlencoded, two fields', () =>
    parseBodyArguments('application/x-www-form-urlencoded', urlencoded, new Map(), new Map())).run()
  await bench('multipart, a file of 1 MiB', () =>
    parseBodyArguments('multipart/form-data; boundary=B', multipart, new Map(), new Map())).run()
})
