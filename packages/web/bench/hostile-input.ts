// Hostile input of a handler: a mebibyte must stay far below a second, and twice as much may cost about twice as much.
// `node --conditions=@tornado-ts/source --no-warnings bench/hostile-input.ts` prints milliseconds for each size and the ratio of
// the last two.
import { HTTPHeaders, HTTPServerRequest, RequestStartLine } from '@tornado-ts/httputil'
import { Application, decodeSignedValue, RequestHandler } from '@tornado-ts/web'
import { genLog } from '@tornado-ts/log'

genLog.level = 'critical'

const application = new Application([], { cookieSecret: 'secret' })

function handlerFor(fields: Record<string, string>, body = '', target = '/'): RequestHandler {
  const request = new HTTPServerRequest({
    startLine: new RequestStartLine('POST', target, 'HTTP/1.1'),
    headers: new HTTPHeaders(fields),
    body: Buffer.from(body, 'latin1'),
  })
  return new RequestHandler(application, request)
}

const form = { 'Content-Type': 'application/x-www-form-urlencoded' }
const json = { 'Content-Type': 'application/json' }
const multipart = { 'Content-Type': 'multipart/form-data; boundary=B' }
const partHead = '--B\r\nContent-Disposition: form-data; name="a"'

/** Reads everything that the client sent; what is refused is refused. */
function readForm(fields: Record<string, string>, body: string): void {
  const handler = handlerFor(fields, body)
  try {
    handler.request.parseBody()
    handler.getBodyArguments('a')
  } catch {
    // Refused.
  }
}

function readJson(body: string): void {
  try {
    handlerFor(json, body).getJsonBody()
  } catch {
    // Refused.
  }
}

const cases: [name: string, unit: string, work: (text: string) => void][] = [
  ['argument: control characters', '\x01', (text) => readForm(form, `a=${text}`)],
  ['argument: white space', '%20', (text) => readForm(form, `a=x${text}x`)],
  ['argument: percent signs', '%', (text) => readForm(form, `a=${text}`)],
  ['argument: not UTF-8', '%ff', (text) => readForm(form, `a=${text}`)],
  ['form: empty fields', '&', (text) => readForm(form, text)],
  ['form: deep brackets', '[x]', (text) => readForm(form, `a${text}=1`)],
  ['query: names alone', 'a', (text) => void handlerFor({}, '', `/?${text}`).getQueryArguments('a')],
  ['cookie: quoted backslashes', '\\"', (text) => void handlerFor({ Cookie: `a="${text}"` }).getCookie('a')],
  ['cookie: octal escapes', '\\073', (text) => void handlerFor({ Cookie: `a="${text}"` }).getCookie('a')],
  ['cookie: empty ones', 'a=;', (text) => void handlerFor({ Cookie: text }).getCookie('a')],
  ['cookie: many', 'abc=1; ', (text) => void handlerFor({ Cookie: text }).getCookie('a')],
  ['signed cookie: bars', '|', (text) => void decodeSignedValue('s', 'a', text)],
  ['signed cookie: long length', '9', (text) => void decodeSignedValue('s', 'a', `2|${text}:x|`)],
  [
    'signed cookie: long value',
    'A',
    (text) => void decodeSignedValue('s', 'a', `2|1:0|1:0|1:a|1048576:${text}|x`),
  ],
  ['xsrf token: hexadecimal', 'ab', (text) => checkXsrf(`2|abababab|${text}|1`)],
  ['xsrf token: bars', '|', (text) => checkXsrf(`2${text}`)],
  ['multipart: part heads', `${partHead}\r\n\r\n\r\n`, (text) => readForm(multipart, `${text}--B--`)],
  [
    'multipart: fields of a head',
    'X: 1\r\n',
    (text) => readForm(multipart, `${partHead}\r\n${text}\r\n\r\n--B--`),
  ],
  ['multipart: line ends', '\r\n', (text) => readForm(multipart, `${partHead}\r\n\r\n${text}\r\n--B--`)],
  [
    'multipart: nearly boundaries',
    '\r\n--A',
    (text) => readForm(multipart, `${partHead}\r\n\r\n${text}\r\n--B--`),
  ],
  [
    'multipart: parameters',
    '; p="x;y"',
    (text) => readForm(multipart, `${partHead}${text}\r\n\r\n\r\n--B--`),
  ],
  [
    'content type: semicolons',
    ';',
    (text) => readForm({ 'Content-Type': `multipart/form-data${text}` }, 'x'),
  ],
  [
    'content type: backslashes',
    '\\',
    (text) => readForm({ 'Content-Type': `multipart/form-data; b="${text}` }, 'x'),
  ],
  ['header: If-None-Match', '"",', (text) => void handlerFor({ 'If-None-Match': text }).checkEtagHeader()],
  [
    'header: Accept-Language',
    'a;q=0.1,',
    (text) => void handlerFor({ 'Accept-Language': text }).getBrowserLocale(),
  ],
  ['json: deep lists', '[', (text) => readJson(text + ']'.repeat(text.length))],
  ['json: deep objects', '{"a":', (text) => readJson(`${text}1${'}'.repeat(text.length / 5)}`)],
  ['json: escapes', '\\u005f', (text) => readJson(`["${text}"]`)],
  ['json: brackets in strings', '{', (text) => readJson(`["${text}"]`)],
  ['json: many members', '{"constructor":{}},', (text) => readJson(`[${text}1]`)],
  ['json: cut short', '[1,', readJson],
]

function checkXsrf(token: string): void {
  const handler = handlerFor({ Cookie: `_xsrf=${token}`, 'X-XSRFToken': token })
  try {
    handler.checkXsrfCookie()
  } catch {
    // Refused.
  }
}

const sizes = [256, 512, 1024, 2048]
console.log(
  ['input'.padEnd(32), ...sizes.map((size) => `${size} KiB`.padStart(10)), 'ratio'.padStart(8)].join(''),
)
for (const [name, unit, work] of cases) {
  const times = sizes.map((size) => timeOf(work, unit.repeat(Math.ceil((size * 1024) / unit.length))))
  const ratio = times.at(-1)! / times.at(-2)!
  const cells = times.map((time) => time.toFixed(2).padStart(10))
  console.log([name.padEnd(32), ...cells, ratio.toFixed(2).padStart(8)].join(''))
}

/** The best of some runs, in milliseconds. */
function timeOf(work: (text: string) => void, text: string): number {
  let best = Infinity
  for (let run = 0; run < 7; run++) {
    const start = performance.now()
    work(text)
    best = Math.min(best, performance.now() - start)
  }
  return best
}
