import { it } from 'vitest'
import { expectLinearTime } from '../../../scripts/vitest/linear-time.ts'
import { negotiateEncoding, parseQualityList } from './fields/accept.ts'
import { parseHeaderParameters, parseMediaType } from './fields/content-type.ts'
import { parseCookie, parseRequestCookies } from './cookies/cookie.ts'
import { parseHttpDate } from './fields/date.ts'
import { ifNoneMatchMatches } from './fields/etag.ts'
import { decodeExtendedValue } from './fields/extended-value.ts'
import { parseForwarded, parseForwardedFor } from './fields/forwarded.ts'
import { isValidHost, splitHostAndPort } from './host.ts'
import { MultipartDecoder } from './protocol/multipart-decoder.ts'
import { parsePartHead } from './protocol/part-head.ts'
import { decodeUtf8, parseQueryArguments } from './forms/query.ts'
import { parseContentRange, parseRange } from './fields/range.ts'
import { parseCookieDate, parseSetCookie } from './cookies/received-cookie.ts'
import { urlConcat } from './url.ts'

/** Characters of the smaller input; the larger one has sixteen times as many. */
const size = 2_000

/** Units that, repeated, have made parsers of one kind or another slow. */
const units = [
  ' ', '\t', ';', ',', '=', '&', '%', '+', '"', '\\', '\\"', '\\\\', '-', '--', ':', '*', '/', '[', '0', 'a', 'a;', 'a=', 'a&', ';=', '; ', ', ', '";', '"; ', '="', '=";', '"=',
  'W/', 'W/"', '"",', '%4', '%zz', '%41', '=?', "''", "'", '\r', '\n', '\r\n', '\xff', '\xc3\xa9', 'a b ', 'a=b; ', 'a=\\073; ', ';q=', 'a;q=0.5,', '0-,', '-1,', 'for=a;', 'for="\\', '[::', '1.',
] // prettier-ignore

function decodeWhole(boundary: string, before: string, body: string, chunkSize = Infinity): void {
  const decoder = new MultipartDecoder(boundary)
  const all = Buffer.from(before + body, 'latin1')
  for (let at = 0; at < all.length; at += chunkSize) {
    decoder.receive(all.subarray(at, Math.min(all.length, at + chunkSize)))
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

/** Parses; a refusal is an answer, too. */
function attempt(parse: (text: string) => unknown, text: string): void {
  try {
    parse(text)
  } catch (error) {
    if (!(error instanceof Error && error.name === 'HTTPInputError')) throw error
  }
}

it.each(parsers)('%s is linear on every repeated unit', { timeout: 60_000 }, (_, parse) => {
  for (const unit of units)
    expectLinearTime(unit, (text) => attempt(parse, text), { size: Math.ceil(size / unit.length) })
})

it('B-httputil-018 semicolons in quotes take linear time', { timeout: 60_000 }, () => {
  for (const unit of [';', ';"', '";', '"', '\\"', ';a="', 'a='])
    expectLinearTime(unit, (text) => parseHeaderParameters(`form-data; name="${text}`), {
      size: Math.ceil(size / unit.length),
    })
})

it.each([
  ['cut delimiters', `\r\n--${'B'.repeat(69)}`],
  ['whole delimiters that are none', `\r\n--${boundary}X`],
  ['delimiters with blanks', `\r\n--${boundary}${' '.repeat(60)}X`],
  ['all but one byte of the boundary', `${'B'.repeat(69)}A`],
  ['the end of the boundary', `A${'B'.repeat(69)}`],
  ['line ends', '\r\n--'],
])('a multipart content of %s is searched in linear time', { timeout: 60_000 }, (_, unit) => {
  for (const chunkSize of [Infinity, 4096, 71, 1])
    expectLinearTime(unit, (text) => decodeWhole(boundary, head, text, chunkSize), {
      size: Math.ceil(size / unit.length),
    })
})
