import { expect, it } from 'vitest'
import { negotiateEncoding, parseQualityList } from './accept.ts'
import { parseHeaderParameters, parseMediaType } from './content-type.ts'
import { parseCookie, parseRequestCookies } from './cookie.ts'
import { parseHttpDate } from './date.ts'
import { ifNoneMatchMatches } from './etag.ts'
import { decodeExtendedValue } from './extended-value.ts'
import { parseForwarded, parseForwardedFor } from './forwarded.ts'
import { isValidHost, splitHostAndPort } from './host.ts'
import { MultipartDecoder } from './protocol/multipart-decoder.ts'
import { parsePartHead } from './protocol/part-head.ts'
import { decodeUtf8, parseQueryArguments } from './query.ts'
import { parseContentRange, parseRange } from './range.ts'
import { parseCookieDate, parseSetCookie } from './received-cookie.ts'
import { urlConcat } from './url.ts'

// What is not linear takes minutes for a quarter of a megabyte; the limit leaves room for a busy machine.
const size = 256 * 1024
const limitMs = 2500

function fill(unit: string): string {
  return unit.repeat(Math.ceil(size / unit.length)).slice(0, size)
}

/** Units that, repeated, have made parsers of one kind or another slow. */
const units = [
  ' ', '\t', ';', ',', '=', '&', '%', '+', '"', '\\', '\\"', '\\\\', '-', '--', ':', '*', '/', '[', '0', 'a', 'a;', 'a=', 'a&', ';=', '; ', ', ', '";', '"; ', '="', '=";', '"=',
  'W/', 'W/"', '"",', '%4', '%zz', '%41', '=?', "''", "'", '\r', '\n', '\r\n', '\xff', '\xc3\xa9', 'a b ', 'a=b; ', 'a=\\073; ', ';q=', 'a;q=0.5,', '0-,', '-1,', 'for=a;', 'for="\\', '[::', '1.',
] // prettier-ignore

function decodeWhole(boundary: string, before: string, body: string, chunkSize = size): void {
  const decoder = new MultipartDecoder(boundary)
  const all = Buffer.from(before + body, 'latin1')
  for (let at = 0; at < all.length; at += chunkSize) {
    decoder.receive(all.subarray(at, at + chunkSize))
    while (decoder.next() !== null);
  }
}

const boundary = 'B'.repeat(70)
const head = `--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n`

const parsers: [string, (text: string) => unknown][] = [
  ['parseQueryArguments', (text) => parseQueryArguments(text, new Map(), { maxFields: Infinity })],
  ['decodeUtf8', decodeUtf8],
  ['urlConcat', (text) => urlConcat(`/?${text}`, { a: text })],
  ['parseCookie', parseCookie],
  ['parseCookie, quoted', (text) => parseCookie(`a="${text}"`)],
  ['parseRequestCookies', parseRequestCookies],
  ['parseSetCookie', parseSetCookie],
  ['parseCookieDate', parseCookieDate],
  ['parseHeaderParameters', (text) => parseHeaderParameters(`form-data; name="a"; x=${text}`)],
  ['parseHeaderParameters, quoted', (text) => parseHeaderParameters(`form-data; name="${text}"`)],
  ['parseMediaType', parseMediaType],
  ['decodeExtendedValue', (text) => decodeExtendedValue(`utf-8''${text}`)],
  ['parseHttpDate', parseHttpDate],
  ['ifNoneMatchMatches', (text) => ifNoneMatchMatches(text, '"x"')],
  ['parseQualityList', parseQualityList],
  ['negotiateEncoding', (text) => negotiateEncoding(text, ['br', 'gzip'])],
  ['parseForwarded', parseForwarded],
  ['parseForwarded, quoted', (text) => parseForwarded(`for="${text}"`)],
  ['parseForwardedFor', parseForwardedFor],
  ['isValidHost', isValidHost],
  ['isValidHost, bracket', (text) => isValidHost(`[${text}`)],
  ['splitHostAndPort', splitHostAndPort],
  ['parseRange', (text) => parseRange(`bytes=${text}`, { maxRanges: Infinity })],
  ['parseContentRange', (text) => parseContentRange(`bytes ${text}`)],
  [
    'parsePartHead',
    (text) => parsePartHead(Buffer.from(`Content-Disposition: form-data; name="a"; x=${text}`, 'latin1')),
  ],
  ['MultipartDecoder, before the first boundary', (text) => decodeWhole(boundary, '', text)],
  ['MultipartDecoder, head', (text) => decodeWhole(boundary, `--${boundary}\r\n`, text)],
  ['MultipartDecoder, content', (text) => decodeWhole(boundary, head, text)],
  ['MultipartDecoder, content in chunks of 7', (text) => decodeWhole(boundary, head, text, 7)],
]

/** CPU milliseconds, which other work on the machine does not add to. */
function cost(work: () => unknown): number {
  const before = process.cpuUsage()
  try {
    work()
  } catch (error) {
    // A refusal is an answer too; anything but the classes of the package is a fault.
    if (!(error instanceof Error && error.name === 'HTTPInputError')) throw error
  }
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

it.each(parsers)('%s is linear on every repeated unit', { timeout: 60_000 }, (_, parse) => {
  const slow = units
    .map((unit) => ({ unit, ms: cost(() => parse(fill(unit))) }))
    // Measured again before it counts: a collection of garbage may fall into any run.
    .filter(({ unit, ms }) => ms >= limitMs && cost(() => parse(fill(unit))) >= limitMs)
  expect(slow).toEqual([])
})

it.each([
  ['cut delimiters', `\r\n--${'B'.repeat(69)}`],
  ['whole delimiters that are none', `\r\n--${boundary}X`],
  ['delimiters with blanks', `\r\n--${boundary}${' '.repeat(60)}X`],
  ['all but one byte of the boundary', `${'B'.repeat(69)}A`],
  ['the end of the boundary', `A${'B'.repeat(69)}`],
  ['line ends', '\r\n--'],
])('a multipart content of %s is searched in linear time', (_, unit) => {
  for (const chunkSize of [size, 4096, 71, 1]) {
    expect(cost(() => decodeWhole(boundary, head, fill(unit), chunkSize))).toBeLessThan(limitMs * 2)
  }
})
