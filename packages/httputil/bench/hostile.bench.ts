// Hostile input: a mebibyte must stay far below a second, and two must cost no more than about twice as much.
// Measures the build (`pnpm run build` first): in sources, vitest puts a getter before every import.
import { createRequire } from 'node:module'
import { describe, it } from 'vitest'

const built: typeof import('../src/index.ts') = createRequire(import.meta.url)('@tornado-ts/httputil')
const { ifNoneMatchMatches, parseCookie, parseHeaderParameters, parseMultipartStream, parseQueryArguments } =
  built

const boundary = 'B'.repeat(70)
const contentType = `multipart/form-data; boundary=${boundary}`
const head = `--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n`

function multipart(chunkSize: number): (text: string) => () => Promise<void> {
  return (text) => {
    const body = Buffer.from(`${head}${text}\r\n--${boundary}--`)
    async function* chunks(): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < body.length; at += chunkSize) yield body.subarray(at, at + chunkSize)
    }
    return async () => {
      for await (const part of parseMultipartStream(contentType, chunks())) if (part.name === '') return
    }
  }
}

const cases: [name: string, unit: string, work: (text: string) => () => unknown][] = [
  ['multipart: boundaries short of a byte', `\r\n--${'B'.repeat(69)}`, multipart(65_536)],
  ['multipart: boundaries short of a byte, in chunks of 71', `\r\n--${'B'.repeat(69)}`, multipart(71)],
  ['multipart: boundaries that are none', `\r\n--${boundary}X`, multipart(65_536)],
  ['multipart: line ends', '\r\n', multipart(65_536)],
  ['multipart: ends of the boundary', `A${'B'.repeat(69)}`, multipart(65_536)],
  ['cookie: quoted backslashes', '\\"', (text) => () => parseCookie(`a="${text}"`)],
  ['cookie: empty values', 'a=;', (text) => () => parseCookie(text)],
  [
    'query: names without values',
    'a&',
    (text) => () => parseQueryArguments(text, new Map(), { maxFields: Infinity }),
  ],
  ['query: percent escapes', '%41', (text) => () => parseQueryArguments(text)],
  ['parameters: semicolons in quotes', ';', (text) => () => parseHeaderParameters(`form-data; x="${text}"`)],
  ['parameters: quotes and semicolons', '; p="x;y"', (text) => () => parseHeaderParameters(text)],
  ['etags: empty tags', '"",', (text) => () => ifNoneMatchMatches(text, '"x"')],
]

describe.each(cases)('%s', (_, unit, work) => {
  it('takes twice as long for twice as much', async ({ bench }) => {
    const fill = (size: number): string => unit.repeat(size / unit.length)
    await bench.compare(
      bench('1 MiB', work(fill(1024 * 1024))),
      bench('2 MiB', work(fill(2 * 1024 * 1024))),
      { time: 100, iterations: 5, warmup: false },
    )
  })
})
