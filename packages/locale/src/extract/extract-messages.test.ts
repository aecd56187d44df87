import { describe, expect, it } from 'vitest'
import { expectLinearTime } from '../../../../scripts/vitest/linear-time.ts'
import { extractFromScript, extractFromTemplate } from './extract-messages.ts'
import { parseKeyword } from '../keyword.ts'
import { tokenizeScript } from './script-tokens.ts'

const found = (text: string): unknown[] => {
  return extractFromScript(text).messages.map(({ message, plural, context }) => {
    return [context, message, plural].filter((each) => each !== null).join('|')
  })
}
const inTemplate = (text: string): [number, string][] => {
  return extractFromTemplate(text).messages.map(({ line, message }) => [line, message])
}

describe('extractFromScript', () => {
  it('finds messages, plurals and contexts in calls', () => {
    expect(
      found(`_('one'); locale.translate("two", 'three', n); this.locale.pgettext('law', 'right')`),
    ).toEqual(['one', 'two|three', 'law|right'])
    expect(found('pgettext("a", "b", "c", people.length); _?.(`d`); _ (\n  "e",\n)')).toEqual([
      'a|b|c',
      'd',
      'e',
    ])
  })

  it('joins constant texts, and undoes their escapes', () => {
    expect(
      found(String.raw`_('a' + "b" + ${'`c`'}); _("\n\t\\\"\x41\u0042\u{1F600}\q\
x")`),
    ).toEqual(['abc', '\n\t\\"AB😀qx'])
  })

  it('leaves out what is not constant, and tells of literals with values in them', () => {
    const { messages, problems } = extractFromScript(
      '_(x); _(a + "b"); _("a" + b); _(); _(""); _("x", y ? 1 : 2)\n_(`Hi ${name}`)\nf(`${_("inner")} ${`${_("deep")}`}`)',
    )
    expect(messages.map(({ line, message, plural }) => [line, message, plural])).toEqual([
      [1, 'x', null],
      [3, 'inner', null],
      [3, 'deep', null],
    ])
    expect(problems).toEqual([{ line: 2, text: 'the message of _() has values in it' }])
  })

  it('finds calls in the arguments of calls', () => {
    expect(found('_("a", f(_("b")), { c: _("c") }, [_("d")])')).toEqual(['a', 'b', 'c', 'd'])
  })

  it('is not led astray by comments, strings, regular expressions and types', () => {
    expect(
      found(`// _('no')
      /* _('no') */ const a = "_('no')", b = /_('no')/g.test(c), d = /[/'"]/, e = x / y / z
      const f = \`_('no') \${ { g: '}' } } _('no')\`
      function _(message: string, plural?: string): string { return message }
      class A { #translate('x') {} translate<T>(message: T) {} }
      it's broken
      _('yes')`),
    ).toEqual(['yes'])
  })

  it('has the comments for translators above a call, or beside it', () => {
    const { messages } = extractFromScript(`
      // TRANSLATORS: a room
      // of a chat
      _('room')
      // not for them
      _('other')
      /* TRANSLATORS: a
       * school */
      _('school')
      _('beside') // TRANSLATORS: it

      _('far')`)
    expect(messages.map(({ message, comment }) => [message, comment])).toEqual([
      ['room', 'TRANSLATORS: a room\nof a chat'],
      ['other', null],
      ['school', 'TRANSLATORS: a\nschool'],
      ['beside', 'TRANSLATORS: it'],
      ['far', null],
    ])
    const own = extractFromScript('// i18n: yes\n_("a")', { commentTag: 'i18n:' })
    expect(own.messages[0]?.comment).toBe('i18n: yes')
  })

  it('looks for other functions if told so', () => {
    const keywords = ['t', 'tn:1,3', 'tc:2c,1'].map(parseKeyword)
    const { messages } = extractFromScript('t("a", "b"); tn("c", n, "d"); tc("e", "f"); _("g")', { keywords })
    expect(messages.map(({ message, plural, context }) => [message, plural, context])).toEqual([
      ['a', null, null],
      ['c', 'd', null],
      ['e', null, 'f'],
    ])
  })

  it('takes any text, in time in proportion to its length', () => {
    for (const part of [
      '"',
      "'",
      '`',
      '/',
      '${',
      '`${',
      '_(',
      '_("',
      '\\',
      '/*',
      '//',
      '{',
      '}',
      '/[',
      '_("a"+',
      '`\\',
    ]) {
      expectLinearTime(part, (text) => extractFromScript(text), { size: 1_250 })
    }
  })
})

it('a property with the name of a keyword can be divided', () => {
  const { messages } = extractFromScript('a.in / 2; _("first"); b.of / 3; _("second")')
  expect(messages.map(({ message }) => message)).toEqual(['first', 'second'])
})

it('tokenizes templates within templates', () => {
  const kinds = tokenizeScript('`a${`b${1}c`}d` / 2').map(({ kind, text }) => `${kind} ${text}`)
  expect(kinds).toEqual([
    'dynamic a',
    'punctuator (',
    'dynamic b',
    'punctuator (',
    'number 1',
    'punctuator )',
    'punctuator )',
    'punctuator /',
    'number 2',
  ])
})

describe('extractFromTemplate', () => {
  it('finds calls in expressions and directives, with their lines', () => {
    expect(
      inTemplate(`<h1>{{ _("Sign in") }}</h1>
{% if _('a') %}{% set x = pgettext("law", "right") %}{% end %}
{% raw _("b") %}{% module Entry(_("c")) %}
<p>don't {{
  _("d") }} _("no") {{ escape(_('e', 'es', n)) }}`),
    ).toEqual([
      [1, 'Sign in'],
      [2, 'a'],
      [2, 'right'],
      [3, 'b'],
      [3, 'c'],
      [5, 'd'],
      [5, 'e'],
    ])
  })

  it('leaves out escaped marks, comments and text', () => {
    expect(
      inTemplate(`{{! _("a") }} {%! _("b") %} {# _("c") #} {% comment _("d") %} { _("e") } {{ _("f") }}`),
    ).toEqual([[1, 'f']])
  })

  it('ends code where it ends for the template', () => {
    expect(
      inTemplate(`{{ _("a }} b") }} {% if "%}" && _("c") %} {{ f({ a: { b: _("d") }}) }}{{{_("e")}}}`),
    ).toEqual([
      [1, 'a }} b'],
      [1, 'c'],
      [1, 'd'],
      [1, 'e'],
    ])
    expect(inTemplate(`{{ it's }} {{ _("a") }} {{ { }} {{ _("b") }} {{ never`)).toEqual([
      [1, 'a'],
      [1, 'b'],
    ])
  })

  it('has comments for translators', () => {
    const { messages } = extractFromTemplate(
      `{# TRANSLATORS: above #}\n{{ _("a") }}\n{% comment TRANSLATORS: too %}{{ _("b") }}\n\n{{ _("c") }}`,
    )
    expect(messages.map(({ comment }) => comment)).toEqual(['TRANSLATORS: above', 'TRANSLATORS: too', null])
  })

  it('takes any text, in time in proportion to its length', () => {
    for (const part of ['{{', '{%', '{#', '{{ "', '{{{', '}}', '{{ {', '{{ }}', '\n{{_("a")}}']) {
      expectLinearTime(part, (text) => extractFromTemplate(text), { size: 1_250 })
    }
  })
})

it.each(['', '1', 'a:', 'a:0', 'a:1,1', 'a:1c', 'a:1c,2c,3', 'a:1,2,3', 'a b', 'a:1,2,3,4', 'a:x'])(
  'refuses the keyword %j',
  (text) => {
    expect(() => parseKeyword(text)).toThrow(RangeError)
  },
)
