import { xhtmlEscape } from '@tornado-ts/escape'
import { DictLoader, Template, type WhitespaceMode } from '@tornado-ts/template'
import { describe, expect, it } from 'vitest'
import { pythonTornadoVersion, runPython } from './python.ts'

/** What every template is given, in both languages; functions besides. */
const values = {
  name: 'Ann <ann@example.com>',
  quote: 'She said "no" & it\'s fine',
  words: ['one', 'two', 'three'],
  numbers: [3, 1, 2],
  none: [],
  pairs: [
    ['a', 1],
    ['b', 2],
  ],
  nested: [
    [0, ['x', 'y']],
    [1, ['z', '']],
  ],
  rows: [
    { id: 1, title: '<First>', tags: ['new', 'hot & cold'] },
    { id: 2, title: 'Second', tags: [] },
  ],
  user: { name: 'Bö', age: 42, address: { city: 'Zürich' } },
  text: '  some\n text \t here ',
  url: 'see http://example.com/a?b=1&c=2 and www.example.org.',
  unicode: '日本 \u{1f600} é',
  zero: 0,
  n: 7,
  x: 2.5,
}

/** What is defined in Python below and here alike. */
const functions = {
  upper: (text: string) => text.toUpperCase(),
  wrap: (text: string) => `[${text}]`,
  join: (separator: string, list: readonly string[]) => list.join(separator),
  double: (n: number) => n * 2,
  fail: () => {
    throw new RangeError('failed')
  },
  _tt_modules: { Box: (text: string) => `<box>${text}</box>`, Sum: (a: number, b: number) => a + b },
}

const python = `
from tornado.template import DictLoader, Template, ParseError
from tornado.util import ObjectDict
from tornado.escape import to_unicode

def convert(value):
    if isinstance(value, dict):
        return ObjectDict((key, convert(each)) for key, each in value.items())
    return [convert(each) for each in value] if isinstance(value, list) else value

def fail():
    raise LookupError('failed')

functions = dict(
    upper=lambda text: to_unicode(text).upper(),
    wrap=lambda text: '[' + to_unicode(text) + ']',
    join=lambda separator, items: separator.join(items),
    double=lambda n: n * 2,
    fail=fail,
    _tt_modules=ObjectDict(Box=lambda text: '<box>' + text + '</box>', Sum=lambda a, b: a + b),
)
`

/** A template, or several of which \`page.html\` is rendered. */
type Source = string | Readonly<Record<string, string>>

const layout = `<html>
  <head><title>{% block title %}Default{% end %}</title></head>
  <body>
    {% block body %}
      <p>{{ name }}</p>
      {% block footer %}(footer){% end %}
    {% end %}
  </body>
</html>
`

const cases: Readonly<Record<string, Source>> = {
  // Output
  'text alone': 'Hello,\n  world \t of   text\n\n',
  'a name': 'Hello {{ name }}!',
  'a quoted attribute': '<a title="{{ quote }}">{{ quote }}</a>',
  'text beyond ASCII': 'Grüße {{ unicode }} 日本',
  numbers: '{{ n }} {{ x }} {{ zero }} {{ 0.1 + 0.2 }} {{ -n }}',
  arithmetic: '{{ 2 + 2 }} {{ n * 3 - 1 }} {{ n % 4 }} {{ 2 ** 10 }} {{ (n + 1) * (n - 1) }}',
  bits: '{{ n & 3 }} {{ n | 8 }} {{ n ^ 1 }} {{ 1 << 5 }} {{ ~n }}',
  'strings put together': '{{ "a" + "b" + user.name }}{{ \'it\\\'s "so"\' }}',
  attributes: '{{ user.name }} {{ user.address.city }} {{ rows[1].title }}',
  subscripts: '{{ words[0] }} {{ user["age"] }} {{ pairs[1][0] }} {{ [4, 5, 6][n - 6] }}',
  'a dictionary': '{{ {"a": 1, "b": 2}["b"] }}',
  calls: '{{ double(n) }} {{ join("-", words) }} {{ upper(user.name) }} {{ double(double(2)) }}',
  methods: '{{ "a-b".replace("-", "+") }} {% for part in "x,y".split(",") %}({{ part }}){% end %}',
  raw: '{% raw name %} {{ name }} {% raw "<b>" + name + "</b>" %}',
  'white space in a directive': '{{\n  name\n}} {%   raw   name   %}{%if n%}yes{%end%}',
  'a comment in the text': 'a {# nothing {{ name }} {% end %} #} b{% comment nor here %} c',
  'braces that are text': '{ {} } {{!name}} {%!if%} {#!x#} }} %} #} { %',
  'three braces': '\\emph{{{ n }}} {{{{ name }}}}',
  // Functions that every template knows
  'escape functions': '{% raw escape(quote) %} {% raw xhtml_escape(name) %} {{ url_escape(quote) }}',
  'json_encode in a script': '<script>var a = {% raw json_encode("</script> " + name) %}</script>',
  'json_encode in an attribute': '<p data-a="{{ json_encode(quote) }}">',
  squeeze: '[{{ squeeze(text) }}]',
  linkify: '{% raw linkify(url) %}',
  // Conditions
  if: '{% if n > 5 %}big{% end %}{% if n < 5 %}small{% end %}',
  'if and else': '{% if n == 7 %}seven{% else %}other{% end %} {% if n != 7 %}other{% else %}seven{% end %}',
  elif: '{% for i in [1, 2, 3, 4] %}{% if i == 1 %}one{% elif i == 2 %}two{% elif i == 3 %}three{% else %}many{% end %} {% end %}',
  'nested conditions':
    '{% if n %}\n  {% if zero %}\n a \n{% else %}\n  {% if words[0] %} b {% end %}\n{% end %}\n{% end %}',
  'an empty body': '{% if n %}{% else %}{% end %}.{% for i in none %}{% end %}',
  'in of a dictionary':
    '{% if "name" in user %}yes{% else %}no{% end %} {% if "nobody" in user %}yes{% else %}no{% end %}',
  // Loops
  for: '<ul>\n  {% for word in words %}\n    <li>{{ word }}</li>\n  {% end %}\n</ul>\n',
  'for over pairs': '{% for key, value in pairs %}{{ key }}={{ value }};{% end %}',
  'for over nested pairs': '{% for i, (a, b) in nested %}{{ i }}{{ a }}{{ b }} {% end %}',
  'for over records':
    '{% for row in rows %}{{ row.id }}: {{ row.title }}{% for tag in row.tags %} #{{ tag }}{% end %}\n{% end %}',
  'for over text': '{% for letter in "a<b" %}{{ letter }}|{% end %}',
  'for over a list in place': '{% for i in [1, 2, n] %}{{ i }} {% end %}{% for i in 1, 2 %}{{ i }}{% end %}',
  'for and else':
    '{% for i in none %}x{% else %}nothing{% end %}{% for i in words %}{{ i }}{% else %} done{% end %}',
  'break and else':
    '{% for i in numbers %}{{ i }}{% if i == 1 %}{% break %}{% end %}{% else %}never{% end %}',
  continue: '{% for i in numbers %}{% if i == 1 %}{% continue %}{% end %}{{ i }}{% end %}',
  'after the loop': '{% for i in numbers %}{% set last = i %}{% end %}{{ i }} {{ last }}',
  while: '{% set i = 0 %}{% while i < 3 %}{{ i }}{% set i = i + 1 %}{% end %}{{ i }}',
  'while and else': '{% set i = 0 %}{% while i < 2 %}{% set i += 1 %}{{ i }}{% else %}end{% end %}',
  'while and break':
    '{% set i = 0 %}{% while 1 %}{% set i += 2 %}{% if i > 5 %}{% break %}{% end %}{{ i }},{% else %}no{% end %}',
  'loops in loops':
    '{% for a in numbers %}{% for b in numbers %}{% if b > a %}{% continue %}{% end %}{{ a * b }} {% end %}|{% end %}',
  // Assignments
  set: '{% set a = n * 2 %}{{ a }}{% set b = a + 1 %}{{ b }}',
  'set of several':
    '{% set a, b = 1, 2 %}{% set a, b = b, a %}{{ a }}{{ b }}{% set (c, d) = pairs %}{{ c[0] }}{{ d[1] }}',
  'set of parts': '{% set user.name = "changed" %}{% set words[0] = "ONE" %}{{ user.name }} {{ words[0] }}',
  'set of several at once': '{% set a = b = 3 %}{% set a += b; b *= a %}{{ a }} {{ b }}',
  // Errors
  'try and except': '{% try %}a{{ fail() }}b{% except %}c{% end %}d',
  'try to the end':
    '{% try %}a{% except %}b{% else %}c{% finally %}d{% end %}\n{% try %}a{{ fail() }}{% except %}b{% else %}c{% finally %}d{% end %}',
  'a name that is missing': '{% try %}{{ nobody }}{% except NameError as error %}no such name{% end %}',
  // Blocks of output
  apply:
    '{% apply upper %}loud {{ name }}{% end %} {% apply wrap %}{% apply upper %}in{% end %} out{% end %}',
  'apply of what every template knows':
    '{% apply escape %}<{{ n }}>{% end %}{% apply url_escape %}a b/{{ n }}{% end %}{% apply linkify %}http://a.test/{{ n }}{% end %}',
  'names in apply': '{% set a = 1 %}{% apply wrap %}{{ a }}{% set b = 2 %}{{ b }}{% end %}{{ a }}',
  module: '{% module Box("<" + words[0] + ">") %} {% module Sum(n, 1) %}',
  // Files
  include: {
    'page.html': '<a>\n  {% include "part.html" %}\n</a>\n',
    'part.html': '  <b>{{ name }}</b>\n{% set a = 1 %}\n',
  },
  'include shares names': {
    'page.html': '{% set a = 1 %}{% include part.txt %}{{ b }}',
    'part.txt': '{{ a }}{% set b = a + 1 %} ',
  },
  'include from a folder': {
    'page.html': '{% include "a/b/c.html" %}',
    'a/b/c.html': "{% include '../d.html' %}c",
    'a/d.html': 'd {{ n }} ',
  },
  'a page of a layout': {
    'page.html': `{% extends "base.html" %}\n\n{% block title %}{{ name }}{% end %} ignored {{ n }}`,
    'base.html': layout,
  },
  'a layout alone': { 'page.html': layout },
  'three layers': {
    'base.html': layout,
    'middle.html': '{% extends base.html %}{% block body %}<main>{% block main %}{% end %}</main>{% end %}',
    'page.html':
      '{% block main %}{% for row in rows %}{{ row.title }}{% end %}{% end %}{% extends "middle.html" %}{% block title %}T{% end %}',
  },
  'blocks in loops': {
    'base.html': '{% for row in rows %}{% block row %}<{{ row.id }}>{% end %}{% end %}',
    'page.html': '{% extends "base.html" %}{% block row %}{{ row.title }};{% end %}',
  },
  'blocks of an included file': {
    'base.html': '{% include "part.html" %}{% block other %}o{% end %}',
    'part.html': '{% block part %}p{% end %}',
    'page.html': '{% extends base.html %}{% block part %}{{ n }}{% end %}',
  },
  // Settings of files
  'autoescape off': '{% autoescape None %}{{ name }} {{ quote }}',
  'another autoescape': '{% autoescape url_escape %}{{ name }} {{ n }} {% raw name %}',
  'an autoescape that is given': '{% autoescape wrap %}{{ name }}{{ n }}',
  'autoescape by file': {
    'page.html':
      '{% autoescape None %}{{ name }}{% include "on.html" %}{% include "default.html" %}{{ quote }}',
    'on.html': '{% autoescape xhtml_escape %} {{ name }} ',
    'default.html': ' {{ name }} ',
  },
  'autoescape of a block': {
    'base.html': '{% autoescape None %}{% block a %}{{ name }}{% end %}{% block b %}{{ name }}{% end %}',
    'page.html': '{% extends "base.html" %}{% block b %}{{ name }}{% end %}',
  },
  'white space of all kinds':
    ' a\t\tb \n \n c\r\n\r\n d \v e\f f\u00a0\u00a0g\u2003 h\u0085i \u001c j\u2028k ',
  'text laid out already': 'a  b\n\n <pre>  c\n  d </pre>  e {{ n }}   f\n\n<pre>{{ n }}   g\n   h</pre>',
  'white space switched':
    'a  b\n\n{% whitespace all %}c  d\n\n{% whitespace oneline %}e \n f\n{% whitespace single %} g\n\n h ',
  'comments between lines': 'a\n\n{# one #}\n\n{% comment two %}\n  {# three #}\n\nb',
  'a whole page': layout.replace(
    '<p>{{ name }}</p>',
    '{% for row in rows %}\n  <p id="{{ row.id }}">{{ row.title }}</p>\n{% end %}',
  ),
}

const malformed = [
  '{{',
  '{%',
  '{#',
  '{{ }}',
  '{% %}',
  '{{ n',
  '{% if n',
  '{# n',
  '{% end %}',
  '{% if n %}',
  '{% for i in words %}',
  '{% else %}',
  '{% if n %}{% except %}{% end %}',
  '{% for i in words %}{% elif n %}{% end %}',
  '{% break %}',
  '{% continue %}',
  '{% for i in words %}{% apply upper %}{% break %}{% end %}{% end %}',
  '{% nonsense %}',
  '{% extends %}',
  '{% include %}',
  '{% set %}',
  '{% import %}',
  '{% block %}{% end %}',
  '{% apply %}{% end %}',
  '{% block a %}{% else %}{% end %}',
  '{% block a %}',
  '{% try %}',
  '{% while n %}',
  '{% apply upper %}',
  '{% finally %}',
  '{% extends "a" %}',
]

const modes: readonly WhitespaceMode[] = ['all', 'single', 'oneline']

const filesOf = (source: Source): Readonly<Record<string, string>> =>
  typeof source === 'string' ? { 'page.html': source } : source

/** Tornado before 6.4 writes another reference for the same character. */
const withNewReference = (text: string): string => text.replaceAll('&#39;', '&#x27;')

function render(source: Source, whitespace: WhitespaceMode): string {
  const loader = new DictLoader(filesOf(source), { whitespace })
  const output = loader.load('page.html').generate({ ...structuredClone(values), ...functions })
  return Buffer.from(output).toString('hex')
}

it('has 60 templates and more', () => {
  expect(Object.keys(cases).length).toBeGreaterThanOrEqual(60)
})

describe.skipIf(pythonTornadoVersion === null)('templates and Python Tornado (python3-tornado)', () => {
  it.each(modes)('B-tpl-020 all templates render to the same bytes, white space %s', (whitespace) => {
    const given = { values, files: Object.values(cases).map(filesOf), whitespace }
    const theirs = runPython(
      `${python}
def render(files):
    loader = DictLoader(files, whitespace=given['whitespace'])
    return loader.load('page.html').generate(**convert(given['values']), **functions).hex()
result = [render(files) for files in given['files']]`,
      given,
    ) as string[]
    const normalised = theirs.map((hex) =>
      Buffer.from(withNewReference(Buffer.from(hex, 'hex').toString())).toString('hex'),
    )
    const ours = Object.values(cases).map((source) => render(source, whitespace))
    const text = (hex: string | undefined): string => Buffer.from(hex ?? '', 'hex').toString()
    const different = Object.keys(cases)
      .map((name, index) => ({ name, theirs: text(normalised[index]), ours: text(ours[index]) }))
      .filter((_, index) => normalised[index] !== ours[index])
    expect(different).toEqual([])
    expect(normalised).toHaveLength(ours.length)
  })

  it('B-tpl-028 both refuse the same texts, with the line', () => {
    const theirs = runPython(
      `${python}
result = []
for text in given:
    try:
        Template(text, name='t')
        result.append('fine')
    except ParseError as error:
        result.append('refused')`,
      malformed,
    )
    const ours = malformed.map((source) => {
      try {
        void new Template(source, { name: 't' })
        return 'fine'
      } catch (error) {
        return error instanceof Error && error.name === 'ParseError' ? 'refused' : String(error)
      }
    })
    expect(ours).toEqual(theirs)
    expect(new Set(ours)).toEqual(new Set(['refused']))
  })

  it('B-tpl-001 random texts as values come out as the same bytes', () => {
    let state = 20261124
    const random = (below: number): number => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
      return (state >>> 8) % below
    }
    const pieces = [
      '<',
      '>',
      '&',
      '"',
      "'",
      '&amp;',
      '{{',
      '}}',
      '{%',
      ' ',
      '\n',
      'a',
      'é',
      '日',
      '\u{1f600}',
      '\0',
      '</script>',
    ]
    const texts = Array.from({ length: 2000 }, () =>
      Array.from({ length: random(12) }, () => pieces[random(pieces.length)] ?? '').join(''),
    )
    const source = '{% for t in texts %}<p title="{{ t }}">{{ t }}{% raw t %}</p>{% end %}'
    const theirs = runPython(
      `${python}result = Template(given['source']).generate(texts=given['texts']).decode()`,
      { source, texts },
    )
    const ours = new Template(source).generate({ texts })
    expect(ours).toBe(withNewReference(String(theirs)))
    expect(ours).toContain(xhtmlEscape('</script>'))
  })
})
