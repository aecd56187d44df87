import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OptionError, OptionParser, type OptionTypeName } from '@tornado-ts/options'
import { afterAll, describe, expect, it } from 'vitest'
import { pythonTornadoVersion, runPython } from './python.ts'

const root = mkdtempSync(join(tmpdir(), 'tornado-interop-options-'))
afterAll(() => rmSync(root, { recursive: true }))

/** A small generator, so that a failure can be repeated. */
let state = 20261124
function random(below: number): number {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
  return (state >>> 8) % below
}

function texts(count: number, largest: number, pieces: readonly string[]): string[] {
  return Array.from({ length: count }, () =>
    Array.from({ length: random(largest) }, () => pieces[random(pieces.length)] ?? '').join(''),
  )
}

const digits = '0 1 2 5 7 12 30'.split(' ')
const times = texts(1500, 4, ['05:16', '05:16:47', '5:6', '23:59:59', '24:00', ' ', 'T', '05:60', '7'])
const days = texts(1500, 4, ['2013', '04', '-', '28', '-04-', '1', '0', '31', '02', '29', ' 8', '12'])
const cases: Record<Exclude<OptionTypeName, 'string'>, string[]> = {
  int: texts(2000, 5, [...digits, ' ', '_', '-', '+', '.', 'e', 'x', '0x', '\t']),
  float: texts(2000, 6, [...digits, ' ', '_', '-', '+', '.', 'e', 'E5', 'inf', 'nan', 'x']),
  bool: texts(300, 3, ['true', 'false', 'False', 'FALSE', '0', '1', 'f', 'F', 't', 'no', ' ']),
  duration: texts(2000, 6, [
    ...digits,
    ...' |  |.|-|h|m|min|s|sec|ms|us|d|w|hours|minutes|hour|x'.split('|'),
  ]).filter((text) => text.trim() !== ''),
  date: [
    ...times,
    ...days,
    ...days.map((day, index) => `${day} ${times[index] ?? ''}`),
    ...days.map((day) => `2013-04-${day}`),
    ...'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'
      .split(' ')
      .map((month) => `Mon ${month} 3 05:16:47 2013`),
    'sun apr 28  5:6:7 2013',
    'Sun Apr 31 05:16:47 2013',
    'Apr 28 05:16:47 2013',
    '2013-04-28T05:16',
  ],
}
const lists = texts(2000, 6, [...digits, ',', ':', ',', ':', '-', ' ', 'x'])

/** What a value is in JSON, the same for both languages. */
function plain(value: unknown): unknown {
  if (value instanceof Date) {
    const pad = (number: number, size = 2): string => String(number).padStart(size, '0')
    const day = [pad(value.getFullYear(), 4), pad(value.getMonth() + 1), pad(value.getDate())].join('-')
    return `${day} ${[value.getHours(), value.getMinutes(), value.getSeconds()].map((each) => pad(each)).join(':')}`
  }
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value
}

function parse(type: OptionTypeName, text: string, multiple = false): unknown {
  const option = new OptionParser().define('x', { type, multiple })
  try {
    option.parse(text)
  } catch (error) {
    expect(error).toBeInstanceOf(OptionError)
    return 'error'
  }
  return plain(option.value)
}

const prelude = `
import datetime, math
from tornado.options import OptionParser
types = {'int': int, 'float': float, 'bool': bool, 'date': datetime.datetime, 'duration': datetime.timedelta, 'string': str}
def plain(value):
    if isinstance(value, datetime.datetime): return value.isoformat(' ')
    if isinstance(value, datetime.timedelta): return value / datetime.timedelta(microseconds=1) / 1000
    if isinstance(value, float) and math.isnan(value): return 'NaN'
    if isinstance(value, float) and math.isinf(value): return 'Infinity' if value > 0 else '-Infinity'
    return value
def parse(type, text, multiple=False):
    options = OptionParser()
    options.define('x', type=types[type], multiple=multiple)
    try:
        options.parse_command_line(['program', '--x=' + text])
    except Exception:
        return 'error'
    return plain(options.x)
`

describe.skipIf(pythonTornadoVersion === null)('options and Python Tornado (python3-tornado)', () => {
  it.each(['int', 'float', 'bool', 'date', 'duration'] as const)(
    'B-opt-005 B-opt-007 B-opt-008 values of type %s are the same',
    (type) => {
      const theirs = runPython(
        `${prelude}\nresult = [parse(given['type'], text) for text in given['texts']]`,
        {
          type,
          texts: cases[type],
        },
      ) as unknown[]
      const close = (a: unknown, b: unknown): boolean => {
        return typeof a === 'number' && typeof b === 'number'
          ? Math.abs(a - b) <= 1e-9 * Math.abs(b) + 2e-3
          : a === b
      }
      const different = cases[type]
        .map((text, index) => ({ text, theirs: theirs[index], ours: parse(type, text) }))
        .filter((each) => !close(each.ours, each.theirs))
      expect(different).toEqual([])
      // Neither kind of text is rare.
      expect(theirs.filter((value) => value !== 'error').length).toBeGreaterThan(100)
      if (type !== 'bool') expect(theirs.filter((value) => value === 'error').length).toBeGreaterThan(100)
    },
  )

  it('B-opt-006 lists and ranges are the same', () => {
    const theirs = runPython(
      `${prelude}\nresult = [parse('int', text, True) for text in given]`,
      lists,
    ) as unknown[]
    const different = lists
      .map((text, index) => ({ text, theirs: theirs[index], ours: parse('int', text, true) }))
      .filter((each) => JSON.stringify(each.ours) !== JSON.stringify(each.theirs))
    expect(different).toEqual([])
    expect(theirs.filter((value) => Array.isArray(value) && value.length > 2).length).toBeGreaterThan(20)
  })

  it('B-opt-011 a configuration file without code says the same', () => {
    const path = join(root, 'server.conf')
    writeFileSync(
      path,
      String.raw`# -*- coding: utf-8 -*-
"""What the server
needs."""
port = 0x1F90
ratio = '0.5'; debug = 'f'
name = u'李康' ' \u00e9\x41\101\q ' r"\d"
my_path = __file__
since = "2013-04-28 05:16"
timeout = '''1h 30m'''
hosts = ['a', "b\
c", """d
e"""]
ports = (
    '1:3,'  # a range
    '7'
)
levels = [1, -2, +3,
          0b11, 0o17, 1_000]
unused = {'a': [1, (2, 3)], 'b': None, 'c': True}
big = 1e3
copy = port
nothing = None
`,
    )
    const types = {
      port: 'int',
      ratio: 'float',
      debug: 'bool',
      name: 'string',
      my_path: 'string',
      since: 'date',
      timeout: 'duration',
      hosts: 'string',
      ports: 'int',
      levels: 'int',
      big: 'float',
      copy: 'int',
      nothing: 'string',
      missing: 'string',
    } as const
    const multiple = ['hosts', 'ports', 'levels']
    const theirs = runPython(
      `${prelude}
options = OptionParser()
for name, type in given['types'].items():
    options.define(name, type=types[type], multiple=name in given['multiple'])
options.parse_config_file(given['path'])
result = {name: plain(options[name]) for name in given['types']}`,
      { types, multiple, path },
    )
    const parser = new OptionParser()
    for (const [name, type] of Object.entries(types))
      parser.define(name, { type, multiple: multiple.includes(name) })
    parser.parseConfigFile(path)
    const ours = Object.fromEntries(Object.keys(types).map((name) => [name, plain(parser.get(name))]))
    expect(ours).toEqual(theirs)
    expect(ours).toMatchObject({ port: 8080, ports: [1, 2, 3, 7], hosts: ['a', 'bc', 'd\ne'] })
  })

  it('B-opt-013 the help is the same', () => {
    const words =
      'a text that tells what the option is good for and goes on for some lines of the help'.split(' ')
    const definitions = Array.from({ length: 40 }, (_, index) => ({
      name: `${['port', 'max_size', 'x', 'a_name_that_is_as_long_as_the_column'][index % 4] ?? ''}_${index}`,
      default: [null, '', 'text', 7, 0.5][index % 5] ?? null,
      help: words.slice(0, 1 + random(words.length)).join(' '),
      metavar: index % 3 === 0 ? 'VALUE' : null,
      group: ['server', 'client'][index % 2] ?? '',
    }))
    const theirs = runPython(
      `
import io, sys
from tornado.options import OptionParser
sys.argv = ['chat.py']
options = OptionParser()
for d in given:
    options.define(d['name'], default=d['default'], help=d['help'], metavar=d['metavar'], group=d['group'])
text = io.StringIO()
options.print_help(text)
result = text.getvalue()`,
      definitions,
    ) as string
    const parser = new OptionParser({ program: 'chat.py' })
    for (const { name, default: value, help, metavar, group } of definitions) {
      const settings = { help, group, ...(metavar === null ? {} : { metavar }) }
      parser.define(name, { ...settings, default: value })
    }
    const expected = theirs.split('\n').map((line) => line.trimEnd())
    expect(parser.formatHelp({ columns: 80 }).split('\n')).toEqual(expected)
  })
})
