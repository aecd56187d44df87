import { describe, expect, it } from 'vitest'
import { PythonLiteralError, readPythonLiterals } from './python-literals.ts'

const read = (text: string): Record<string, unknown> => Object.fromEntries(readPythonLiterals(text))

describe('readPythonLiterals', () => {
  it('reads numbers and constants', () => {
    expect(
      read('a = 1\nb=-2.5\nc = 1_000\nd = 0x1F\ne = 0b101; f = 0o17\ng = 1e3\nh = .5\ni = 5.\nj = +7'),
    ).toEqual({
      a: 1,
      b: -2.5,
      c: 1000,
      d: 31,
      e: 5,
      f: 15,
      g: 1000,
      h: 0.5,
      i: 5,
      j: 7,
    })
    expect(read('a = True\nb = False # no\nc = None')).toEqual({ a: true, b: false, c: null })
    expect(read('a = -0x10')).toEqual({ a: -16 })
  })

  it('reads text', () => {
    expect(
      read(String.raw`a = 'x'
b = "it's \"q\" \\ \n\t\x41\u00e9\U0001F600\101"
c = r'\n\''
d = u"é" 'joined' R"\d"
e = """two
lines "and" \
quotes"""
f = ''
g = '\q'
h = ''''three'  '''`),
    ).toEqual({
      a: 'x',
      b: 'it\'s "q" \\ \n\tAé😀A',
      c: String.raw`\n\'`,
      d: String.raw`éjoined\d`,
      e: 'two\nlines "and" quotes',
      f: '',
      g: String.raw`\q`,
      h: "'three'  ",
    })
  })

  it('reads lists, tuples and dictionaries, on several lines', () => {
    expect(
      read(`a = [1, 'x', [2]]
b = (1, 2)
c = (3)
d = 4, 5
e = 6,
f = [
  'one'  # first
  'more',

  'two',
]
g = {'k': 1, "m": [2], }
h = ()
i = []
j = \\
  7
k = {}
`),
    ).toEqual({
      a: [1, 'x', [2]],
      b: [1, 2],
      c: 3,
      d: [4, 5],
      e: [6],
      f: ['onemore', 'two'],
      g: { k: 1, m: [2] },
      h: [],
      i: [],
      j: 7,
      k: {},
    })
  })

  it('knows the names above', () => {
    expect(read('a = [1]\nb = a\nc = (b, 2)')).toEqual({ a: [1], b: [1], c: [[1], 2] })
    expect(Object.fromEntries(readPythonLiterals('a = __file__', { __file__: '/x' }))).toEqual({ a: '/x' })
    expect(() => read('a = b\nb = 1')).toThrow('line 1: Expected a name and a literal value, found "b"')
  })

  it('keeps keys and names that objects inherit', () => {
    const values = readPythonLiterals("__proto__ = 1\nconstructor = {'__proto__': 2}")
    expect([...values.keys()]).toEqual(['__proto__', 'constructor'])
    expect(Object.entries(values.get('constructor') ?? {})).toEqual([['__proto__', 2]])
    expect(() => read('a = toString')).toThrow(PythonLiteralError)
  })

  it('reads what has a byte order mark, any line ends, no lines or no end', () => {
    expect(read('\uFEFFa = 1\r\nb = 2\rc = 3')).toEqual({ a: 1, b: 2, c: 3 })
    expect(read('')).toEqual({})
    expect(read('# nothing\n\n"""a text"""\n')).toEqual({})
  })

  it.each<[string, string]>([
    ['import os', 'line 1: Expected a name and a literal value, found "import os"'],
    ['a = 1\n\nprint(a)', 'line 3: Expected a name and a literal value, found "print(a)"'],
    ['a = os.environ["X"]', 'found "os.environ'],
    ['a = 1 + 1', 'found "+ 1"'],
    ['a = "x" + "y"', 'found "+'],
    ['a = "x" % 1', 'found "%'],
    ['a = f"x"', 'found "f'],
    ['a = b"x"', 'Bytes are no value of an option'],
    ['a = [x for x in y]', 'found "x for'],
    ['a = [1 2]', 'found "2]"'],
    ['a = [1', 'found the end of the line'],
    ['a = (1,', 'found the end of the line'],
    ['a = {1}', 'found "}"'],
    ['a = {1: 2 3: 4}', 'found "3: 4}"'],
    ['a = "x', 'Text without its closing quote'],
    ['a = "x\n"', 'Text without its closing quote'],
    ['a = """x', 'Text without its closing quote'],
    ["a = 'x\\", 'Text without its closing quote'],
    ['a =', 'found the end of the line'],
    ['a', 'found "a"'],
    ['a == 1', 'found "a == 1"'],
    ['a = = 1', 'found "= 1"'],
    ['a = 1 b = 2', 'found "b = 2"'],
    ['a.b = 1', 'found "a.b = 1"'],
    ['a = b = 1', 'found "b = 1"'],
    ['a = 1x', 'found "1x"'],
    ['a = 1.2.3', 'found "1.2.3"'],
    ['a = True()', 'found "()"'],
    ['if True:\n  a = 1', 'found "if True:"'],
    [`a = ${'['.repeat(60)}`, 'Values nest over 50 deep'],
  ])('refuses %j', (text, message) => {
    expect(() => read(text)).toThrow(PythonLiteralError)
    expect(() => read(text)).toThrow(message)
  })

  it('takes time in proportion to the text', () => {
    for (const part of ['"', "'", '[', '1,', '\\', '#', ' ', '\n', 'a = ', '"" ', '"\\', 'a = "x"\n', '1_']) {
      const text = `a = ${part.repeat(100_000)}`
      const start = performance.now()
      try {
        readPythonLiterals(text)
      } catch (error) {
        expect(error).toBeInstanceOf(PythonLiteralError)
      }
      expect([part, performance.now() - start < 3000]).toEqual([part, true])
    }
  })
})
