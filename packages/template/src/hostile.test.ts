import fc from 'fast-check'
import { xhtmlEscape } from '@tornado-ts/escape'
import { expect, it } from 'vitest'
import { expectLinearTime } from '../../../scripts/vitest/linear-time.ts'
import { render } from '../fixtures/render.ts'
import { DictLoader } from './dict-loader.ts'
import { ParseError } from './errors.ts'
import { Template } from './template.ts'

const hostile = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  '` onmouseover=`alert(1)',
  'javascript:alert(1)',
  '</script><script>alert(1)//',
  '<!--<script>',
  '-->',
  ']]>',
  '</style><style>*{}',
  'expression(alert(1))/**/',
  '\u2028alert(1)\u2029',
  '\0<\0script>',
  '&lt;already&gt;',
  '{{ 7*7 }}{% raw x %}{# #}',
  '{% import os %}{{ process.exit() }}',
  '${7*7}',
  '\\"+alert(1)+"',
  '\ud800<lone',
]

// Where a place needs more than that, the README says so: the holes of Go's html/template were in telling places apart.
it('CVE-2023-24538 CVE-2023-24539 CVE-2023-24540 CVE-2023-29400 CVE-2023-39318 CVE-2023-39319 CVE-2026-27142 CVE-2026-32289 CVE-2026-39826 values are escaped alike wherever they stand: & < > " and \', and nothing else', () => {
  const places = [
    '<p>{{ x }}</p>',
    '<p title="{{ x }}">',
    "<p title='{{ x }}'>",
    '<p title={{ x }}>',
    '<a href="{{ x }}">',
    '<script>var x = "{{ x }}"</script>',
    '<style>{{ x }}</style>',
    '<!-- {{ x }} -->',
  ]
  for (const place of places) {
    for (const x of hostile) {
      const output = render(place, { x })
      expect(output).toBe(place.replace('{{ x }}', () => xhtmlEscape(x)))
      const value = output.slice(
        place.indexOf('{{'),
        output.length - (place.length - place.indexOf('}}') - 2),
      )
      expect(value).not.toMatch(/[<>"']/)
    }
  }
})

it('json_encode makes values safe in scripts, url_escape in URLs', () => {
  for (const x of hostile) {
    const script = render('<script>var x = {% raw json_encode(x) %}</script>', { x })
    const inner = script.slice('<script>var x = '.length, -'</script>'.length)
    expect(inner).not.toMatch(/<\/|<!--|<script|[\u2028\u2029]/i)
    expect(JSON.parse(inner)).toBe(x)
    const attribute = render('<p data-x="{{ json_encode(x) }}">', { x })
    expect(attribute.slice('<p data-x="'.length, -2)).not.toMatch(/[<>"']/)
    expect(render('<a href="/?q={{ url_escape(x) }}">', { x })).toMatch(/^<a href="\/\?q=[\w.~%+-]*">$/)
  }
})

it('directives in values are text, also in what apply, raw, modules and includes bring', () => {
  const x = '{{ 7*7 }}{% import os %}{% end %}'
  expect(render('{{ x }}', { x }, { autoescape: null })).toBe(x)
  expect(render('{% raw x %}', { x })).toBe(x)
  expect(
    render('{% apply f %}{{ x }}{% end %}', { x, f: (text: string) => text }, { autoescape: null }),
  ).toBe(x)
  expect(render('{% module M(x) %}', { x, _tt_modules: { M: (text: string) => text } })).toBe(x)
})

it('CVE-2014-10064 CVE-2017-1000048 names like __proto__ reach no prototype, read or written', () => {
  const values: object = JSON.parse('{"__proto__": {"polluted": 1}, "constructor": "c", "toString": "t"}')
  expect(render('{{ __proto__.polluted }}{{ constructor }}{{ toString }}', values)).toBe('1ct')
  expect(() => render('{{ polluted }}', values)).toThrow('polluted is not defined')
  render('{% set __proto__ = {a: 1} %}{% set constructor = 1 %}{% for prototype in [1] %}{% end %}', values)
  expect(({} as Record<string, unknown>)['a']).toBeUndefined()
  expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  const namespace = Object.create({ inherited: 1 })
  expect(() => render('{{ inherited }}', namespace)).toThrow('inherited is not defined')
  expect(() => render('{{ inherited }}', {}, { namespace })).toThrow('inherited is not defined')
})

it('any text without braces comes out as it is, and any value as escape leaves it', () => {
  // Surrogates by themselves too. The unit 'binary' of fast-check takes a second to be set up.
  const point = (max: number): fc.Arbitrary<string> => fc.nat(max).map((each) => String.fromCodePoint(each))
  const any = fc.string({ unit: fc.oneof(point(0x7f), point(0x10ffff)) })
  fc.assert(
    fc.property(any, any, (text, value) => {
      const plain = text.replaceAll('{', '')
      expect(render(plain)).toBe(plain)
      expect(render(`${plain}{{ value }}${plain}`, { value })).toBe(plain + xhtmlEscape(value) + plain)
    }),
    { numRuns: 50 },
  )
})

it('any name holds any value', () => {
  const name = fc.oneof(
    fc.constantFrom('__proto__', 'constructor', 'process', 'arguments', 'eval', 'async', 'of', 'x'),
    fc.stringMatching(/^[a-z_$][\w$]{0,8}$/),
  )
  const reserved =
    /^(?:do|if|in|for|new|try|var|case|else|enum|null|this|true|void|with|await|break|catch|class|const|super|throw|while|delete|export|import|return|switch|typeof|default|extends|finally|continue|debugger|function|instanceof|NaN|_tt_.*|false|undefined|Infinity)$/
  fc.assert(
    fc.property(name, fc.jsonValue(), (each, value) => {
      fc.pre(!reserved.test(each))
      const source = `{{ json_encode(${each}) }}{% for ${each} in [${each}] %}{{ json_encode({ ${each} }) }}{% end %}`
      const values: object = Object.fromEntries([
        [each, value],
        ['json_encode', JSON.stringify],
      ])
      fc.pre(each !== 'json_encode')
      const expected = JSON.stringify(value) + JSON.stringify(Object.fromEntries([[each, value]]))
      const output = render(source, values, { autoescape: null })
      expect(output).toBe(expected)
    }),
  )
})

const rich = `{% extends base.html %}{# context: { a: 1 } #}{% comment c %}{% autoescape xhtml_escape %}{% whitespace single %}
{% block b %}{{{ {a: "}}"}['a'] }}}{{! {% if a < 1 && typeof b === 'x' %}{% raw \`t\${c}\` %}{% elif /[/]}/.test(d) %}
{% for k, [v = 2] in e.f?.(1) ?? [] %}{% break %}{% else %}{% continue_ %}{% end %}{% else %}{% while await g %}{% continue %}
{% end %}{% end %}{% try %}{% set h, i = (x => { for (const y of x) { return y } })([[1, 2]]) %}{% except A, B as j %}{% finally %}
{% end %}{% apply k %}{% super %}{% end %}{% module L({m, ...n}) %}{% import o as p %}{% from 'q' import r %}{% end %}{% include s %}`

it('a text that is cut off anywhere, or garbled, is compiled or refused with a ParseError', () => {
  const loader = new DictLoader({ 'base.html': '{% block b %}x{% end %}', s: 's' })
  const compile = (source: string): void => {
    try {
      new Template(source, { name: 'rich.html', loader })
    } catch (error) {
      if (error instanceof Error && error.name === 'TemplateNotFoundError') return
      expect(error).toBeInstanceOf(ParseError)
      expect(error).toMatchObject({
        filename: expect.any(String),
        lineno: expect.toSatisfy((line) => line >= 1),
      })
    }
  }
  const good = rich.replace('{% continue_ %}', '')
  expect(new Template(good, { loader }).isAsync).toBe(true)
  for (let end = 0; end <= rich.length; end++) {
    compile(rich.slice(0, end))
    compile(good.slice(end))
    compile(good.slice(0, end) + good.slice(end + 1))
  }
  const noise = fc.constantFrom(
    '{',
    '}',
    '%',
    '(',
    ')',
    '[',
    ']',
    '"',
    "'",
    '`',
    '/',
    '\\',
    ';',
    ',',
    '=',
    '>',
    '#',
    '!',
    '\n',
    ' in ',
    ' of ',
    '=>',
    'async ',
    '...',
    '?.',
    '\0',
    '\u2028',
  )
  fc.assert(
    fc.property(fc.nat(good.length), noise, fc.nat(5), (at, text, cut) => {
      compile(good.slice(0, at) + text + good.slice(at + cut))
    }),
    { numRuns: 1000 },
  )
  // Some four thousand templates.
}, 60_000)

it('large templates and values take linear time', () => {
  expect(render('{ '.repeat(100_000))).toHaveLength(200_000)
  expect(render('{{!'.repeat(100_000))).toHaveLength(200_000)
  expect(render(`${'<pre>'.repeat(10)}${' '.repeat(500_000)}`, {}, { whitespace: 'oneline' })).toHaveLength(
    500_050,
  )
  const expression = Array.from({ length: 20_000 }, (_, index) => index).join(' + ')
  expect(render(`{{ ${expression} }}`)).toBe('199990000')
  expect(render('{{ x }}'.repeat(5000), { x: '<' })).toHaveLength(20_000)
  expect(render('{{ x }}', { x: '<'.repeat(1_000_000) })).toHaveLength(4_000_000)
})

it.each([
  '{{ v# }}',
  '{% set v# = 1 %}',
  '{% for v# in xs %}{{ v# }}{% end %}',
  '{% apply f %}{{ v# }}{% end %}',
  '{% if v# %}{% else %}{% end %}',
  '{% block b# %}{{ x }}{% end %}',
  '{% include part %}',
  '{% try %}{{ v# }}{% except %}{% end %}',
])('compiling very many of %s takes linear time', (unit) => {
  const loader = new DictLoader({ part: '{{ x }}' })
  const compile = (text: string): void => {
    let count = 0
    void new Template(
      text.replaceAll('#', () => String(count++ >> 1)),
      { loader },
    )
  }
  expectLinearTime(unit, compile, { size: 120 })
})

it.each([
  ['directives', '{% if x %}'.repeat(20_000), '{% end %}'.repeat(20_000)],
  ['brackets', `{{ ${'('.repeat(100_000)}`, `${')'.repeat(100_000)} }}`],
])('%s that nest too deep are a ParseError that names the template', (_what, opening, closing) => {
  expect(() => new Template(`${opening}x${closing}`, { name: 'deep.html' })).toThrow(
    new ParseError('The template nests too deep', 'deep.html', 0),
  )
})
