// Raw HTTP/1.1 requests in classes, each with the answers that a server must give. What is right comes from RFC 9110 and
// RFC 9112 and, where they leave a choice, from what docs/deviations.md decides.

/** A request (or several) as bytes, one character a byte, and what comes back. */
export interface RawRequest {
  readonly name: string
  readonly raw: string
  /**
   * The responses in order: a status, or for a 200 the request as the application saw it, `METHOD target body`. Nothing
   * follows one that is refused.
   */
  readonly answers: readonly (number | string)[]
}

const next = 'GET /next HTTP/1.1\r\nHost: h\r\n\r\n'

/** Bytes that are in no token, without those that end one in its place. */
const outsideToken = [
  '"',
  '(',
  ')',
  ',',
  '/',
  ';',
  '<',
  '=',
  '>',
  '?',
  '@',
  '[',
  '\\',
  ']',
  '{',
  '}',
  '\0',
  '\x01',
  '\x1f',
  '\x7f',
  '\x80',
  '\xff',
]
const controls = [...Array(32).keys(), 127]
  .filter((byte) => byte !== 9)
  .map((byte) => String.fromCharCode(byte))

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 50)}… (${text.length})` : text)
}

function request(line: string, fields: readonly string[] = ['Host: h'], body = ''): string {
  return `${[line, ...fields].join('\r\n')}\r\n\r\n${body}`
}

/** Followed by another request, which must be answered too. */
function accepted(name: string, raw: string, seen: string): RawRequest {
  return { name, raw: raw + next, answers: [seen, 'GET /next'] }
}

/** Followed by another request, which must not be. */
function refused(name: string, raw: string, status = 400): RawRequest {
  return { name, raw: raw + next, answers: [status] }
}

function post(fields: readonly string[], body: string): string {
  return request('POST /p HTTP/1.1', ['Host: h', ...fields], body)
}

function chunked(coded: string): string {
  return post(['Transfer-Encoding: chunked'], coded)
}

const hello = '5\r\nhello\r\n0\r\n\r\n'

const methods: RawRequest[] = [
  ...[
    'GET',
    'POST',
    'PUT',
    'DELETE',
    'OPTIONS',
    'TRACE',
    'PATCH',
    'PROPFIND',
    'M-SEARCH',
    'get',
    'X',
    "!#$%&'*+-.^_`|~1",
  ].map((method) => accepted(`method ${method}`, request(`${method} /m HTTP/1.1`), `${method} /m`)),
  ...outsideToken.map((character) =>
    refused(`method with ${shown(character)}`, request(`G${character}T / HTTP/1.1`)),
  ),
  refused('no method', request(' / HTTP/1.1')),
  refused('space before the method', request(' GET / HTTP/1.1')),
]

const targets: RawRequest[] = [
  ...[
    '/',
    '/a/b/../c/.',
    '//double//slash',
    '/a;b=c,d',
    '/%20%00%zz%',
    '/?',
    '/?a=b&c=d?e',
    "/-._~!$&'()*+,;=:@",
    '/"<>[]^`{|}\\',
    '/\xc3\xa9',
    '/#fragment',
    `/${'a'.repeat(8000)}`,
    'http://h/absolute',
    'https://[::1]:443?q',
    'urn+x://h',
  ].map((target) => accepted(`target ${shown(target)}`, request(`GET ${target} HTTP/1.1`), `GET ${target}`)),
  accepted('target * of OPTIONS', request('OPTIONS * HTTP/1.1'), 'OPTIONS *'),
  ...[
    '*',
    'path',
    '?q',
    'h:80',
    'http:/h',
    'http://',
    'http:///p',
    'http://u@h/',
    'http://[::1/',
    '#',
    '.',
    '://h',
  ].map((target) => refused(`target ${shown(target)}`, request(`GET ${target} HTTP/1.1`))),
  ...['/path', 'h', 'h:port', '*', 'http://h:80/', ':80', 'u@h:80'].map((target) =>
    refused(`target ${shown(target)} of CONNECT`, request(`CONNECT ${target} HTTP/1.1`)),
  ),
  ...controls.map((control) =>
    refused(`target with ${shown(control)}`, request(`GET /a${control}b HTTP/1.1`)),
  ),
  ...[
    'GET  / HTTP/1.1',
    'GET /  HTTP/1.1',
    'GET /a b HTTP/1.1',
    'GET / HTTP/1.1 ',
    'GET\t/\tHTTP/1.1',
    'GET /',
    'GET',
    'GET HTTP/1.1',
  ].map((line) => refused(`line ${shown(line)}`, request(line))),
]

const versions: RawRequest[] = [
  ...[1, 2, 5, 9].map((minor) => accepted(`HTTP/1.${minor}`, request(`GET /v HTTP/1.${minor}`), 'GET /v')),
  { name: 'HTTP/1.0', raw: request('GET /v HTTP/1.0') + next, answers: ['GET /v'] },
  { name: 'HTTP/1.0 without Host', raw: request('GET /v HTTP/1.0', []) + next, answers: ['GET /v'] },
  {
    name: 'HTTP/1.0 kept',
    raw: request('GET /v HTTP/1.0', ['Connection: keep-alive']) + next,
    answers: ['GET /v', 'GET /next'],
  },
  ...['0.9', '2.0', '2.1', '3.0', '9.9'].map((version) =>
    refused(`HTTP/${version}`, request(`GET / HTTP/${version}`), 505),
  ),
  ...[
    'HTTP/1',
    'HTTP/1.',
    'HTTP/.1',
    'HTTP/11',
    'HTTP/1.10',
    'HTTP/01.1',
    'HTTP/1.x',
    'HTTP/1 1',
    'HTTP 1.1',
    'http/1.1',
    'Http/1.1',
    'HTTPS/1.1',
    'HTP/1.1',
    'HTTP/-1.1',
    'HTTP/1.1x',
    'HTTP\\1.1',
    'HTTP/1,1',
    'ICE/1.0',
    'RTSP/1.0',
    'HTTP/\xb9.1',
  ].map((version) => refused(`version ${shown(version)}`, request(`GET / ${version}`))),
]

/** A request whose line ends are all right but one. */
const lineEnds: RawRequest[] = [
  '\n',
  '\r',
  '\r\r\n',
  '\n\r',
  '\r\n\r',
  '\r \n',
  '\0\r\n',
  '\v',
  '\x85',
  '\u2028'.slice(1),
].flatMap((end) =>
  [0, 1, 2].map((at) => {
    const lines = ['GET / HTTP/1.1', 'Host: h', 'A: b', '']
    const raw = lines.map((line, i) => `${line}${i === at ? end : '\r\n'}`).join('')
    return refused(`${shown(end)} at the end of line ${at + 1}`, raw)
  }),
)

const emptyLines: RawRequest[] = [
  accepted('an empty line before', `\r\n${request('GET /e HTTP/1.1')}`, 'GET /e'),
  refused('two empty lines before', `\r\n\r\n${request('GET /e HTTP/1.1')}`),
  refused('an LF before', `\n${request('GET /e HTTP/1.1')}`),
  refused('a CR before', `\r${request('GET /e HTTP/1.1')}`),
  { name: 'an empty line behind', raw: `${next}\r\n`, answers: ['GET /next'] },
  accepted('an empty line behind a body', `${post(['Content-Length: 2'], 'ab')}\r\n`, 'POST /p ab'),
]

const fieldNames: RawRequest[] = [
  ...['A', 'a-b', "!#$%&'*+-.^_`|~1", 'X'.repeat(1000), '__proto__', 'constructor'].map((name) =>
    accepted(`field ${shown(name)}`, request('GET /f HTTP/1.1', ['Host: h', `${name}: v`]), 'GET /f'),
  ),
  ...[...outsideToken, ' ', '\t'].map((character) =>
    refused(
      `field name with ${shown(character)}`,
      request('GET / HTTP/1.1', ['Host: h', `A${character}B: v`]),
    ),
  ),
  ...['', ' ', '\t'].map((name) =>
    refused(`field name ${shown(name)}`, request('GET / HTTP/1.1', ['Host: h', `${name}: v`])),
  ),
  ...['A : v', 'A\t: v', 'A', 'A\r', ' A: v', '\tA: v'].map((line) =>
    refused(`field line ${shown(line)}`, request('GET / HTTP/1.1', ['Host: h', line])),
  ),
  refused('a space before the first field', request('GET / HTTP/1.1', [' Host: h', 'A: b'])),
]

const fieldValues: RawRequest[] = [
  ...['', ' ', '\t', ' v', 'v ', '\tv\t', 'a b\tc', '"', '\xff\x80\xa0', ':::', 'v'.repeat(10_000)].map(
    (value) =>
      accepted(`value ${shown(value)}`, request('GET /f HTTP/1.1', ['Host: h', `A:${value}`]), 'GET /f'),
  ),
  ...controls.map((control) =>
    refused(`value with ${shown(control)}`, request('GET / HTTP/1.1', ['Host: h', `A: b${control}c`])),
  ),
  ...[' folded', '\tfolded', ' '].map((line) =>
    refused(`folded ${shown(line)}`, request('GET / HTTP/1.1', ['Host: h', 'A: b', line])),
  ),
]

const hosts: RawRequest[] = [
  ...[
    'h',
    'h:80',
    'h:',
    '',
    'a.example',
    'A.Example:8888',
    '127.0.0.1',
    '[::1]',
    '[::1]:80',
    '[v1.x]',
    'a_b',
    'a%20b',
    "!$&'()*+;=",
    'h:65535',
  ].map((host) => accepted(`Host ${shown(host)}`, request('GET /h HTTP/1.1', [`Host: ${host}`]), 'GET /h')),
  ...[
    'a b',
    'a,b',
    'a/b',
    'a\\b',
    'a?b',
    'a#b',
    'u@h',
    'h:p',
    'h:80:80',
    'h:-1',
    'h:65536',
    '[::1',
    '::1',
    '[]',
    '[::1]x',
    'a%2',
    'a%zz',
    '\xc3\xa9',
    '"h"',
    '<h>',
    'a|b',
    'a^b',
    'a{b',
  ].map((host) => refused(`Host ${shown(host)}`, request('GET / HTTP/1.1', [`Host: ${host}`]))),
  refused('no Host', request('GET / HTTP/1.1', ['A: b'])),
  refused('no field at all', request('GET / HTTP/1.1', [])),
  refused('two Hosts', request('GET / HTTP/1.1', ['Host: h', 'Host: h'])),
  refused('two Hosts in different case', request('GET / HTTP/1.1', ['Host: h', 'A: b', 'HOST: h'])),
  refused('two Hosts in HTTP/1.0', request('GET / HTTP/1.0', ['Host: h', 'Host: i'])),
  accepted('Host beside an absolute target', request('GET http://a/ HTTP/1.1', ['Host: b']), 'GET http://a/'),
]

const lengths: RawRequest[] = [
  ...['5', '05', '0000000000000005', '5, 5', '5,5', '5 ,\t5', ' 5 ', '\t5'].map((value) =>
    accepted(`length ${shown(value)}`, post([`Content-Length:${value}`], 'hello'), 'POST /p hello'),
  ),
  accepted('length 0', post(['Content-Length: 0'], ''), 'POST /p'),
  accepted('two equal lengths', post(['Content-Length: 5', 'content-length: 5'], 'hello'), 'POST /p hello'),
  ...[
    '',
    ' ',
    '+5',
    '-5',
    '-0',
    '0x5',
    '5_0',
    '5.0',
    '5e0',
    '5 5',
    '5,',
    ',5',
    '5,,5',
    '5;5',
    '"5"',
    '5 h',
    'five',
    '\xb2',
    '\xd9\xa5',
    '\xa05',
    '5\xa0',
    '5\v',
    'Infinity',
    'NaN',
    '1'.repeat(17),
    '1'.repeat(400),
  ].map((value) => refused(`length ${shown(value)}`, post([`Content-Length: ${value}`], 'hello'))),
  refused('two different lengths', post(['Content-Length: 5', 'Content-Length: 6'], 'hello')),
  refused('a list of different lengths', post(['Content-Length: 5, 6'], 'hello')),
  refused('a length and an empty one', post(['Content-Length: 5', 'Content-Length:'], 'hello')),
  refused('zero and a length', post(['Content-Length: 0', 'Content-Length: 5'], 'hello')),
  ...[100_001, 4_294_967_301, 1_000_000_000_000].map((size) =>
    refused(`length ${size}`, post([`Content-Length: ${size}`], 'hello'), 413),
  ),
  ...['GET', 'DELETE', 'OPTIONS', 'TRACE'].map((method) =>
    accepted(
      `${method} with a body`,
      request(`${method} /b HTTP/1.1`, ['Host: h', `Content-Length: ${next.length}`], next),
      `${method} /b ${next}`,
    ),
  ),
]

const codings: RawRequest[] = [
  ...['chunked', 'CHUNKED', 'Chunked', ' chunked ', '\tchunked\t'].map((value) =>
    accepted(`coding ${shown(value)}`, post([`Transfer-Encoding:${value}`], hello), 'POST /p hello'),
  ),
  ...[
    '',
    'identity',
    'gzip',
    'gzip, chunked',
    'chunked, gzip',
    'chunked, chunked',
    'chunked,',
    ',chunked',
    'identity, chunked',
    'chunked, identity',
    'xchunked',
    'chunkedx',
    'chunked;q=1',
    '"chunked"',
    "'chunked'",
    'chunk ed',
    'chunked chunked',
    'ch\xfcnked',
    '\xa0chunked',
    'chun\xe2\x84\xaaed',
    '\vchunked',
    'chunked\f',
    'chunked\0',
    '[chunked]',
    'chunked:',
  ].map((value) => refused(`coding ${shown(value)}`, post([`Transfer-Encoding: ${value}`], hello))),
  ...[
    ['chunked', 'chunked'],
    ['chunked', 'identity'],
    ['identity', 'chunked'],
    ['gzip', 'chunked'],
    ['chunked', ''],
  ].map((values) =>
    refused(
      `codings ${values.join(' and ')}`,
      post(
        values.map((value) => `Transfer-Encoding: ${value}`),
        hello,
      ),
    ),
  ),
  ...[
    ['Transfer-Encoding: chunked', 'Content-Length: 5'],
    ['Content-Length: 5', 'Transfer-Encoding: chunked'],
    ['Content-Length: 0', 'Transfer-Encoding: chunked'],
    ['Transfer-Encoding: identity', 'Content-Length: 5'],
    ['Transfer-Encoding:', 'Content-Length: 5'],
    ['transfer-encoding: chunked', 'CONTENT-LENGTH: 15'],
  ].map((fields) => refused(`${fields.join(' and ')}`, post(fields, hello))),
  refused('a coding in HTTP/1.0', request('POST / HTTP/1.0', ['Transfer-Encoding: chunked'], hello)),
  refused('a folded coding', post(['Transfer-Encoding:', ' chunked'], hello)),
  accepted(
    'a coding by another name',
    post(['Transfer_Encoding: chunked', 'Content-Length: 2'], 'ab'),
    'POST /p ab',
  ),
]

const chunks: RawRequest[] = [
  accepted('one chunk', chunked(hello), 'POST /p hello'),
  accepted('no chunk', chunked('0\r\n\r\n'), 'POST /p'),
  accepted('several chunks', chunked('1\r\na\r\n2\r\nbc\r\n3\r\ndef\r\n0\r\n\r\n'), 'POST /p abcdef'),
  accepted('a chunk of line ends', chunked('4\r\n\r\n\r\n\r\n0\r\n\r\n'), 'POST /p \r\n\r\n'),
  accepted('a chunk that looks like the end', chunked('5\r\n0\r\n\r\n\r\n0\r\n\r\n'), 'POST /p 0\r\n\r\n'),
  ...['5', '05', '0000000000000005'].map((size) =>
    accepted(`size ${shown(size)}`, chunked(`${size}\r\nhello\r\n0\r\n\r\n`), 'POST /p hello'),
  ),
  ...['a', 'A', '0a', '0A'].map((size) =>
    accepted(`size ${shown(size)}`, chunked(`${size}\r\n0123456789\r\n00\r\n\r\n`), 'POST /p 0123456789'),
  ),
  ...[
    '',
    ' ',
    ' 5',
    '5 ',
    '\t5',
    '+5',
    '-5',
    '0x5',
    '5h',
    'g',
    '5_0',
    '5.0',
    '5,5',
    '5 5',
    '"5"',
    '\xef\xbc\x95',
    '5\0',
    '5\v',
    '5\xa0',
    '00000000000000005',
    'fffffffffffffffff',
  ].map((size) => refused(`size ${shown(size)}`, chunked(`${size}\r\nhello\r\n0\r\n\r\n`))),
  ...['186a1', 'ffffffff', '100000005', 'ffffffffffffffff'].map((size) =>
    refused(`size ${shown(size)}`, chunked(`${size}\r\nhello\r\n0\r\n\r\n`), 413),
  ),
  ...['\n', '\r', '\n\r', '', 'X\r\n', 'XX', ' \r\n', '\r\r\n'].map((end) =>
    refused(`data ended by ${shown(end)}`, chunked(`5\r\nhello${end}0\r\n\r\n`)),
  ),
  ...['\n', '\r', '\n\r', ' ', '\r\r\n'].map((end) =>
    refused(`size ended by ${shown(end)}`, chunked(`5${end}hello\r\n0\r\n\r\n`)),
  ),
  ...['\n', '\n\r\n', '\r\n\n', '\r\n\rX', '\r\n\r\r'].map((end) =>
    refused(`last chunk ended by ${shown(end)}`, chunked(`5\r\nhello\r\n0${end}`)),
  ),
  ...[';a', ';a=b', ';a="b c"', ' ;a', '\t;a', ';a;b;c', ';a = b', `;${'a'.repeat(1000)}`].map((extension) =>
    accepted(
      `extension ${shown(extension)}`,
      chunked(`5${extension}\r\nhello\r\n0${extension}\r\n\r\n`),
      'POST /p hello',
    ),
  ),
  ...[';a\n', ';a\r', ';\0', ';a=\x7f', ' a', ';\x01', `;${'a'.repeat(20_000)}`].map((extension) =>
    refused(`extension ${shown(extension)}`, chunked(`5${extension}\r\nhello\r\n0\r\n\r\n`)),
  ),
  ...[
    'A: b',
    'A:',
    'A: b\r\nC: d\r\nA: e',
    'Content-Length: 99',
    'Transfer-Encoding: chunked',
    'Host: a\r\nHost: b',
  ].map((lines) =>
    accepted(`trailers ${shown(lines)}`, chunked(`5\r\nhello\r\n0\r\n${lines}\r\n\r\n`), 'POST /p hello'),
  ),
  ...['A', ': b', 'A : b', ' A: b', 'A: b\r\n c', 'A: b\n', 'A: b\0', 'A: b\rc', 'GET / HTTP/1.1'].map(
    (lines) => refused(`trailers ${shown(lines)}`, chunked(`5\r\nhello\r\n0\r\n${lines}\r\n\r\n`)),
  ),
]

const connections: RawRequest[] = [
  ...[
    'keep-alive',
    'Keep-Alive',
    '',
    'x',
    'closed',
    'x-close',
    'upgrade',
    'keep-alive, x',
    'TE',
    '"close"',
  ].map((value) =>
    accepted(
      `Connection ${shown(value)}`,
      request('GET /c HTTP/1.1', ['Host: h', `Connection: ${value}`]),
      'GET /c',
    ),
  ),
  ...[
    'close',
    'Close',
    'CLOSE',
    'x, close',
    'close, x',
    'keep-alive,close',
    'close,',
    ',close',
    ' \tclose\t ',
    'close , keep-alive',
    'x\r\nConnection: close',
    'close\r\nConnection: keep-alive',
  ].map((value) => ({
    name: `Connection ${shown(value)}`,
    raw: request('GET /c HTTP/1.1', ['Host: h', `Connection: ${value}`]) + next,
    answers: ['GET /c'],
  })),
  ...['close', 'x', 'keep-alive, close', 'keepalive'].map((value) => ({
    name: `HTTP/1.0 with Connection ${shown(value)}`,
    raw: request('GET /c HTTP/1.0', [`Connection: ${value}`]) + next,
    answers: ['GET /c'],
  })),
  ...['keep-alive', 'Keep-Alive', 'x, keep-alive'].map((value) => ({
    name: `HTTP/1.0 with Connection ${shown(value)}`,
    raw: request('GET /c HTTP/1.0', [`Connection: ${value}`]) + next,
    answers: ['GET /c', 'GET /next'],
  })),
  accepted(
    'an upgrade that is not taken',
    request('GET /u HTTP/1.1', ['Host: h', 'Connection: Upgrade', 'Upgrade: h2c']),
    'GET /u',
  ),
]

const expectations: RawRequest[] = [
  ...['100-continue', '100-Continue', 'x, 100-continue'].map((value) => ({
    name: `Expect ${shown(value)}`,
    raw: post([`Expect: ${value}`, 'Content-Length: 5'], 'hello') + next,
    answers: [100, 'POST /p hello', 'GET /next'],
  })),
  {
    name: 'Expect of chunks',
    raw: post(['Expect: 100-continue', 'Transfer-Encoding: chunked'], hello) + next,
    answers: [100, 'POST /p hello', 'GET /next'],
  },
  ...['', '100', '100-continued', '200-ok', '"100-continue"'].map((value) =>
    accepted(
      `Expect ${shown(value)}`,
      post([`Expect: ${value}`, 'Content-Length: 5'], 'hello'),
      'POST /p hello',
    ),
  ),
  accepted('Expect without a body', post(['Expect: 100-continue'], ''), 'POST /p'),
  accepted(
    'Expect with a body of length 0',
    post(['Expect: 100-continue', 'Content-Length: 0'], ''),
    'POST /p',
  ),
  refused(
    'Expect with a body that is too large',
    post(['Expect: 100-continue', 'Content-Length: 100001'], ''),
    413,
  ),
  {
    name: 'Expect in HTTP/1.0',
    raw:
      request(
        'POST /p HTTP/1.0',
        ['Connection: keep-alive', 'Expect: 100-continue', 'Content-Length: 5'],
        'hello',
      ) + next,
    answers: ['POST /p hello', 'GET /next'],
  },
]

const limits: RawRequest[] = [
  accepted(
    'a head of 65,536 bytes',
    request('GET /l HTTP/1.1', ['Host: h', `A: ${'a'.repeat(65_536 - 33)}`]),
    'GET /l',
  ),
  refused(
    'a head of 65,537 bytes',
    request('GET /l HTTP/1.1', ['Host: h', `A: ${'a'.repeat(65_536 - 32)}`]),
    431,
  ),
  refused('a target of 70,000 bytes', request(`GET /${'a'.repeat(70_000)} HTTP/1.1`), 414),
  refused('a method of 70,000 bytes', request(`${'A'.repeat(70_000)} / HTTP/1.1`), 414),
  refused('a name of 70,000 bytes', request('GET / HTTP/1.1', ['Host: h', `${'A'.repeat(70_000)}: b`]), 431),
  accepted(
    '100 fields',
    request('GET /l HTTP/1.1', ['Host: h', ...Array<string>(99).fill('A: b')]),
    'GET /l',
  ),
  refused('101 fields', request('GET /l HTTP/1.1', ['Host: h', ...Array<string>(100).fill('A: b')]), 431),
  refused('5,000 fields', request('GET /l HTTP/1.1', ['Host: h', ...Array<string>(5000).fill('A: b')]), 431),
  accepted('100 trailers', chunked(`0\r\n${'A: b\r\n'.repeat(100)}\r\n`), 'POST /p'),
  refused('101 trailers', chunked(`0\r\n${'A: b\r\n'.repeat(101)}\r\n`), 431),
  refused('trailers of 70,000 bytes', chunked(`0\r\nA: ${'b'.repeat(70_000)}\r\n\r\n`), 431),
  accepted(
    'a body of 100,000 bytes',
    post(['Content-Length: 100000'], 'x'.repeat(100_000)),
    `POST /p ${'x'.repeat(100_000)}`,
  ),
  accepted(
    'chunks of 100,000 bytes',
    chunked(`${'3e8\r\n'.concat('x'.repeat(1000), '\r\n').repeat(100)}0\r\n\r\n`),
    `POST /p ${'x'.repeat(100_000)}`,
  ),
  refused(
    'chunks of 100,001 bytes',
    chunked(`${'3e8\r\n'.concat('x'.repeat(1000), '\r\n').repeat(100)}1\r\nx\r\n0\r\n\r\n`),
    413,
  ),
]

const pipelines: RawRequest[] = [
  { name: 'ten requests', raw: next.repeat(10), answers: Array<string>(10).fill('GET /next') },
  {
    name: 'bodies of both kinds',
    raw: post(['Content-Length: 3'], 'abc') + chunked(hello) + next,
    answers: ['POST /p abc', 'POST /p hello', 'GET /next'],
  },
  {
    name: 'bad behind good',
    raw: `${next}${next}BAD\r\n\r\n${next}`,
    answers: ['GET /next', 'GET /next', 400],
  },
  {
    name: 'a body that is a request',
    raw: post([`Content-Length: ${next.length}`], next) + next,
    answers: [`POST /p ${next}`, 'GET /next'],
  },
  {
    name: 'a length one too short',
    raw: post(['Content-Length: 4'], 'hello') + request('GET /x HTTP/1.1'),
    answers: ['POST /p hell', 'oGET /x'],
  },
  { name: 'a request broken off', raw: `${next}GET / HT`, answers: ['GET /next', 400] },
  { name: 'a head broken off', raw: `${next}GET / HTTP/1.1\r\nHost: h\r\n`, answers: ['GET /next', 400] },
  {
    name: 'a body broken off',
    raw: `${next}${post(['Content-Length: 9'], 'hello')}`,
    answers: ['GET /next', 400],
  },
  { name: 'chunks broken off', raw: `${next}${chunked('5\r\nhello\r\n')}`, answers: ['GET /next', 400] },
  { name: 'an unfinished end of chunks', raw: `${next}${chunked('0\r\n')}`, answers: ['GET /next', 400] },
  refused('a TLS hello', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'),
  refused('the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505),
  refused('an SSH greeting', 'SSH-2.0-OpenSSH_9.2\r\n'),
  refused('a PROXY line that nobody asked for', 'PROXY TCP4 192.0.2.1 192.0.2.2 56324 443\r\n'),
  refused('JSON', '{"a": 1}\r\n'),
  refused('NUL bytes', '\0'.repeat(100)),
]

/** Every class by name. */
export const requestTable: readonly (readonly [name: string, requests: readonly RawRequest[]])[] = [
  ['methods', methods],
  ['targets', targets],
  ['versions', versions],
  ['line ends', lineEnds],
  ['empty lines', emptyLines],
  ['field names', fieldNames],
  ['field values', fieldValues],
  ['Host', hosts],
  ['Content-Length', lengths],
  ['Transfer-Encoding', codings],
  ['chunks', chunks],
  ['Connection', connections],
  ['Expect', expectations],
  ['limits', limits],
  ['pipelines', pipelines],
]
