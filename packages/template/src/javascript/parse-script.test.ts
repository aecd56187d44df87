import fc from 'fast-check'
import { expect, it } from 'vitest'
import { render } from '../../fixtures/render.ts'
import { parseExpression, parseTarget } from './parse-script.ts'
import { type Script, scriptCode } from './script.ts'
import { ScriptError } from './token.ts'

/** The names that an expression takes from outside, with marks of how. */
function names(source: string): string {
  return describe(parseExpression(source))
}

function describe({ references }: Script): string {
  return references
    .map(
      ({ name, kind, isConditional }) =>
        name + (kind === 'read' ? '' : `:${kind}`) + (isConditional ? '?' : ''),
    )
    .join(' ')
}

it('finds names, and not properties, keys, labels and words of the language', () => {
  expect(names('a.b.c + d?.e + f[g].h(i, ...j)')).toBe('a d f g i j')
  expect(names('{ a: b, c, [d]: e, "f": g, 1: h, ...i }')).toBe('b c d e g h i')
  expect(names('[a, , b]')).toBe('a b')
  expect(names('{ get: a, set: b, async: c, get d() { return 1 }, async *e() {}, f() {} }')).toBe('a b c')
  expect(names('this, null, true, false, undefined, NaN, Infinity, new Date(a), void b')).toBe('Date a b')
  expect(names('`a ${b} c ${`${d}`}` + e`f${g}`')).toBe('b d e g')
  expect(names('a instanceof b, c in d, typeof e.f, !g, -h')).toBe('a b c d e g h')
  expect(names('/a/.test(b) ? 1 : 2')).toBe('b')
  expect(names('async (1), async, await (2)')).toBe('async async')
})

it('knows what is evaluated in any case', () => {
  expect(names('a && b + c')).toBe('a b? c?')
  expect(names('a + b || c')).toBe('a b c?')
  expect(names('a ? b : c')).toBe('a b? c?')
  expect(names('(a ?? b) + c')).toBe('a b? c')
  expect(names('a?.b(c)[d]')).toBe('a c? d?')
  expect(names('f(a, () => b)')).toBe('f a b?')
})

it('knows how names are used, in the order of evaluation', () => {
  expect(names('a = b')).toBe('b a:write')
  expect(names('a += b')).toBe('b a:update')
  expect(names('a = a + 1, a')).toBe('a a:write a')
  expect(names('a ??= b, c ||= d, e &&= f')).toBe('b? a:supply d? c:supply f? e:update')
  expect(names('a++, --b, (c)++')).toBe('a:update b:update c:update')
  expect(names('a.b = c, d[e] = f')).toBe('a c d e f')
  expect(names('[a, b.c, [d] = e, ...f] = g')).toBe('b e? g a:write d:write f:write')
  expect(names('({ a, b: c, d = e, [f]: g, ...h } = i)')).toBe(
    'e? f i a:write c:write d:write g:write h:write',
  )
  expect(names('typeof a, typeof (b), typeof c.d, typeof e(), typeof f``')).toBe('a:typeof b:typeof c e f')
  expect(names('x => y = x')).toBe('y:write?')
})

it('knows the names that functions declare', () => {
  expect(names('x => x + y')).toBe('y?')
  expect(names('async x => x, async (x, y) => await x, () => 1')).toBe('')
  expect(names('({ a, b: [c, ...d], e = f }, ...g) => [a, b, c, d, e, g]')).toBe('f? b?')
  expect(names('(x, y = x) => y')).toBe('')
  expect(names('(a, b)')).toBe('a b')
  expect(names('function f(x) { return f(x - 1) + g }')).toBe('g?')
  expect(names('function (x) { return arguments[0] + x }')).toBe('arguments?')
  expect(names('(x => x)(x)')).toBe('x')
})

it('knows the names that statements declare, each in its block', () => {
  const body = (statements: string): string => names(`() => { ${statements} }`)
  expect(body('const a = b, { c, d: [e] } = f; let g; return a + c + d + e + g')).toBe('b? f? d?')
  expect(body('{ let a = 1; a } a')).toBe('a?')
  expect(body('if (a) { var b = 1 } else c; return b')).toBe('a? c?')
  expect(body('for (const a of b) a; for (let i = 0; i < c; i++) i; for (;;) break; for (d in e) d')).toBe(
    'b? c? d:write? e? d?',
  )
  expect(body('try { a } catch ({ message }) { message } finally { b } try {} catch { c }')).toBe('a? b? c?')
  expect(body('switch (a) { case b: let c; c; break; default: d }')).toBe('a? b? d?')
  expect(body('outer: while (a) { continue outer } do b; while (c)')).toBe('a? b? c?')
  expect(body('f(); function f(x) { return x + y } async function g() { await z } throw new Error(w)')).toBe(
    'y? z? Error? w?',
  )
  expect(body('return\na')).toBe('a?')
  expect(body('let a\nlet b = a\n;[a].c; debugger; async\n()')).toBe('async?')
})

it('awaits are those outside of functions', () => {
  expect(parseExpression('await a + b').hasAwait).toBe(true)
  expect(parseExpression('f(await a)').hasAwait).toBe(true)
  expect(parseExpression('async () => await a').hasAwait).toBe(false)
  expect(parseExpression('async function () { await a }').hasAwait).toBe(false)
})

it('targets are names, properties and patterns', () => {
  expect(describe(parseTarget('a'))).toBe('a:write')
  expect(describe(parseTarget('a.b[c]'))).toBe('a c')
  expect(describe(parseTarget('[a, { b, c: d }]'))).toBe('a:write b:write d:write')
  for (const source of ['(', 'a b', '', '{a', 'a +']) expect(() => parseTarget(source)).toThrow(ScriptError)
})

it('refuses what is no expression', () => {
  for (const source of [
    '',
    ' ',
    'a b',
    'a +',
    '(a',
    'a)',
    'a;',
    'if (a) {}',
    '{',
    'a ? b',
    '[1 2]',
    '{a b}',
    'var a',
    '=> 1',
    'a..b',
    'function f',
    'return 1',
    'import("a")',
    'class {}',
    'super.x',
    'new.target',
    'enum',
  ]) {
    expect(() => parseExpression(source), source).toThrow(ScriptError)
  }
})

it('code comes out without comments, and with no new ones', () => {
  const code = (source: string): string => scriptCode(parseExpression(source), ({ name }) => name)
  expect(code('a /* b */ + // c\n d')).toBe('a +\nd')
  expect(code('a <!--b')).toBe('a < !--b')
  expect(code('a--\n> b')).toBe('a--\n> b')
  expect(code('a-->b')).toBe('a-- >b')
  expect(code('`a /* ${ b } */`')).toBe('`a /* ${ b } */`')
})

// A program of a small language, whose meaning the engine itself tells.
const variables = ['a', 'b', 'x', 'constructor', 'process', 'of']
const leaf = fc.oneof(
  fc.constantFrom(...variables),
  fc.constantFrom('1', '"s"', 'null', '[2, 3]', '`t`', '({ a: 4 }).a', '/r/.source'),
)
const { expression } = fc.letrec<{ expression: string }>((tie) => {
  const part = tie('expression')
  const variable = fc.constantFrom(...variables)
  const of = (...parts: fc.Arbitrary<string>[]) => fc.tuple(...parts)
  return {
    expression: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      of(part, fc.constantFrom('+', '&&', '||', '??', '===', ','), part).map(([l, o, r]) =>
        o === '??' ? `((${l}) ?? (${r}))` : `(${l} ${o} ${r})`,
      ),
      of(part, part, part).map(([c, t, e]) => `(${c} ? ${t} : ${e})`),
      of(variable, part, part).map(([v, body, value]) => `((${v}) => ${body})(${value})`),
      of(variable, part, part).map(
        ([v, body, value]) => `[${value}].map(function (${v}) { const $v = ${body}; return $v })`,
      ),
      of(variable, part, part).map(
        ([v, body, value]) => `(({ ${v}, ...rest }) => ${body})({ ${v}: ${value} })`,
      ),
      of(variable, part).map(([v, value]) => `(${v} = ${value})`),
      of(variable, part).map(([v, value]) => `([${v}] = [${value}], ${v})`),
      of(variable, part).map(([v, value]) => `({ ${v} }["${v}"], ${value})`),
      of(part, part).map(([l, r]) => `\`\${${l}}-\${${r}}\``),
      variable.map((v) => `typeof ${v}`),
      part.map(
        (p) => `((() => { for (const a of [1]) { let b = a; { const a = ${p}; return [a, b] } } })())`,
      ),
    ),
  }
})

/** The result as text, or the message of the error. */
function attempt(work: () => unknown): string {
  try {
    return String(work())
  } catch (error) {
    return error instanceof Error ? error.message : 'an error'
  }
}

it('means what the engine takes it for, whatever the names', () => {
  const values = { a: 1, b: 'b', x: [5], constructor: 'c', process: 'p', of: 0 }
  fc.assert(
    fc.property(expression, (source) => {
      // oxlint-disable-next-line typescript/no-implied-eval -- the engine is the reference
      const evaluate = new Function(...variables, `"use strict"; return JSON.stringify((${source}))`)
      const expected = attempt(() => evaluate(...Object.values(values)))
      const output = attempt(() => render(`{{ JSON.stringify((${source})) }}`, values, { autoescape: null }))
      expect(output).toBe(expected)
    }),
    { numRuns: 500 },
  )
})

it('reaches no global, whatever is missing', () => {
  fc.assert(
    fc.property(expression, (source) => {
      const given = { JSON: { stringify: (value: unknown) => (value === globalThis.process ? 'LEAK' : '') } }
      let output = ''
      try {
        output = render(`{{ JSON.stringify((${source})) }}`, given, { autoescape: null })
      } catch (error) {
        expect(error).toMatchObject({
          message: expect.toSatisfy((text) => /is not defined|Cannot|iterable|not a function/.test(text)),
        })
      }
      expect(output).toBe('')
    }),
    { numRuns: 300 },
  )
})
