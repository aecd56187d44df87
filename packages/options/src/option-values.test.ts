import { describe, expect, it } from 'vitest'
import { OptionError } from './errors.ts'
import { OptionParser } from './option-parser.ts'
import type { OptionType } from './option-types.ts'
import { formatDuration, parseDuration } from './parse-duration.ts'

function parse(type: OptionType, text: string, multiple = false): unknown {
  const option = new OptionParser().define('x', { type, multiple })
  option.parse(text)
  return option.value
}

function expectErrors(type: OptionType, texts: string[], multiple = false): void {
  for (const text of texts) {
    expect(() => parse(type, text, multiple), JSON.stringify(text)).toThrow(OptionError)
  }
}

it('B-opt-002 takes the type of the default, string without one and for lists', () => {
  const parser = new OptionParser()
  const define = (name: string, value: unknown): void => void parser.define(name, { default: value })
  define('string', 'a')
  define('int', 1)
  define('float', 1.5)
  define('bool', false)
  define('date', new Date(0))
  define('null', null)
  define('nothing', undefined)
  parser.define('list', { multiple: true, default: ['a'] })
  parser.define('duration', { type: 'duration', default: 5 })
  const args = [
    'string=1',
    'int=2',
    'float=2',
    'bool=1',
    'date=2026-05-20',
    'null=1',
    'nothing=1',
    'list=1,2',
    'duration=1',
  ]
  parser.parseCommandLine(args.map((arg) => `--${arg}`))
  expect(parser.asDict()).toEqual({
    help: null,
    string: '1',
    int: 2,
    float: 2,
    bool: true,
    date: new Date(2026, 4, 20),
    null: '1',
    nothing: '1',
    list: ['1', '2'],
    duration: 1000,
  })
  expect(() => parser.parseCommandLine(['--int=1.5'])).toThrow(
    'Option "int" must be of type integer, not "1.5"',
  )
})

describe('numbers', () => {
  it('B-opt-002 reads integers as Python does', () => {
    const texts = ['0', '42', '-7', '+7', ' 8 ', '1_000_000', '007', '9007199254740991']
    expect(texts.map((text) => parse('int', text))).toEqual([0, 42, -7, 7, 8, 1_000_000, 7, 9007199254740991])
    expectErrors('int', [
      '',
      'x',
      '1.0',
      '1e3',
      '0x10',
      '1__0',
      '_1',
      '1_',
      '--1',
      '9007199254740993',
      '\u0661',
      'NaN',
      '1 2',
    ])
  })

  it('B-opt-002 reads numbers with a fraction', () => {
    const texts = ['1', '1.5', '.5', '5.', '-1e-3', '1_0.5', 'inf', '-Infinity', 'nan']
    expect(texts.map((text) => parse('float', text))).toEqual([
      1,
      1.5,
      0.5,
      5,
      -0.001,
      10.5,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      Number.NaN,
    ])
    expectErrors('float', ['', 'x', '1_', '1__0', '._1', '1.2.3', '0x10', 'e5', '1e', '-', '.'])
  })
})

it('B-opt-005 false, 0 and f are false in any case, and all else is true', () => {
  const isTrue = (text: string): unknown => parse('bool', text)
  expect(['false', 'False', 'FALSE', '0', 'f', 'F'].map(isTrue)).toEqual(Array(6).fill(false))
  expect(['true', '1', 't', 'yes', 'no', '', 'off', '00', ' 0'].map(isTrue)).toEqual(Array(9).fill(true))
})

describe('multiple', () => {
  it('B-opt-006 splits at commas, and each parse replaces the former list', () => {
    const option = new OptionParser().define('x', { multiple: true, default: ['z'] })
    option.parse('a,b,, c')
    expect(option.value).toEqual(['a', 'b', '', ' c'])
    option.parse('d')
    expect(option.value).toEqual(['d'])
    expect(option.default).toEqual(['z'])
    expect(parse('duration', '1s,2m', true)).toEqual([1000, 120_000])
    expect(new OptionParser().define('y', { multiple: true }).value).toEqual([])
  })

  it('B-opt-006 has ranges of integers, both ends included', () => {
    expect(parse('int', '1,3:5,7:7,-2:0,9:', true)).toEqual([1, 3, 4, 5, 7, -2, -1, 0, 9])
    expect(parse('int', '5:3', true)).toEqual([])
    expect(parse('string', 'a:b', true)).toEqual(['a:b'])
    expectErrors('int', ['', '1,', '1:x', ':3', 'x:3', '1:2:3', '0:1000000', '1:9007199254740991'], true)
    expect(() => parse('int', '0:9007199254740991', true)).toThrow('has a range of over 1000000 values')
    expectErrors('float', ['1:2'], true)
    expectErrors('int', ['1:2', '1,2'])
  })
})

describe('dates', () => {
  it('B-opt-007 reads the ten forms, in local time', () => {
    const day = new Date(2013, 3, 28)
    const at = (hour: number, minute: number, second = 0): Date => new Date(2013, 3, 28, hour, minute, second)
    const cases: [string, Date][] = [
      ['Sun Apr 28 05:16:47 2013', at(5, 16, 47)],
      ['sun apr  28  5:16:7 2013', at(5, 16, 7)],
      ['2013-04-28 05:16:47', at(5, 16, 47)],
      ['2013-04-28 05:16', at(5, 16)],
      ['2013-04-28T05:16', at(5, 16)],
      ['20130428 05:16:47', at(5, 16, 47)],
      ['20130428 05:16', at(5, 16)],
      ['2013-04-28', day],
      ['2013-4-28', day],
      ['20130428', day],
      ['05:16:47', new Date(1900, 0, 1, 5, 16, 47)],
      ['05:16', new Date(1900, 0, 1, 5, 16)],
      ['0050-01-02', new Date(new Date(2000, 0, 2).setFullYear(50))],
      ['2024-02-29', new Date(2024, 1, 29)],
    ]
    for (const [text, date] of cases) expect([text, parse('date', text)]).toEqual([text, date])
  })

  it('B-opt-007 refuses what is no date', () => {
    expectErrors('date', [
      '',
      'today',
      '2013',
      '13-04-28',
      '2013-02-29',
      '2013-04-31',
      '2013-13-01',
      '2013-00-10',
      '2013-04-28 24:00',
      '2013-04-28 05:60',
      '2013-04-28T05:16:47',
      '25:00',
      '2013-04-28 05',
      'Xyz Apr 28 05:16:47 2013',
      '2013-04-28 ',
      '0000-01-01',
      '2013-02-30T10:00Z',
    ])
  })

  it('reads a zone where one is told', () => {
    const date = new Date('2013-04-28T05:16:47.500Z')
    expect(parse('date', '2013-04-28T05:16:47.500Z')).toEqual(date)
    expect(parse('date', '2013-04-28 07:16+02:00')).toEqual(new Date('2013-04-28T05:16:00Z'))
    expectErrors('date', ['2013-04-28T05:16Q', '2013-13-28T05:16Z'])
  })
})

describe('durations', () => {
  it('B-opt-008 adds numbers with units, in milliseconds', () => {
    const hour = 3_600_000
    const cases: [string, number][] = [
      ['1h', hour],
      ['1 h', hour],
      ['1h 30m', 1.5 * hour],
      ['1.5 hours', 1.5 * hour],
      ['2 days 1 minutes', 48 * hour + 60_000],
      ['1w', 168 * hour],
      ['1 weeks', 168 * hour],
      ['30', 30_000],
      ['30s 10', 40_000],
      ['0.5', 500],
      ['5s', 5000],
      ['5sec', 5000],
      ['5 seconds', 5000],
      ['3min', 180_000],
      ['250ms', 250],
      ['250 milliseconds', 250],
      ['1us', 0.001],
      ['1500 microseconds', 1.5],
      ['-1m', -60_000],
      ['1e3ms', 1000],
      [' 1d ', 24 * hour],
      ['.5s', 500],
    ]
    for (const [text, ms] of cases) expect([text, parse('duration', text)]).toEqual([text, ms])
  })

  it('B-opt-008 refuses parts without a space between, unknown units, and nothing', () => {
    expectErrors('duration', [
      '1h30m',
      '',
      ' ',
      'h',
      '1 hour',
      '1 y',
      '1H',
      'x1s',
      '1s,',
      '1e999',
      'one',
      '1 s s',
      '30 10',
      '__proto__',
      '1 constructor',
    ])
  })

  it('shows durations in the form that it reads', () => {
    for (const ms of [0, 1, 999, 1000, 61_000, 5_400_000, 90_061_001, 0.001, 12.345, -3_661_000]) {
      expect(parseDuration(formatDuration(ms))).toBe(ms)
    }
    expect(formatDuration(5_400_000)).toBe('1h 30m')
  })
})

it('takes a function for a type', () => {
  expect(parse((text) => text.toUpperCase(), 'abc')).toBe('ABC')
  expect(parse((text) => text.length, 'a,bb', true)).toEqual([1, 2])
  expect(() => parse((text) => new URL(text), 'nowhere')).toThrow(
    'Option "x" cannot be "nowhere": Invalid URL',
  )
  expect(() => parse(BigInt, 'x')).toThrow(OptionError)
})

it('reads any text in time in proportion to its length', () => {
  for (const type of ['int', 'float', 'date', 'duration', 'bool'] as const) {
    for (const part of ['1', ' ', '1 ', '.', '-', '1_', ':', ',', 'e', '1:', '\t1']) {
      const text = part.repeat(100_000)
      const start = performance.now()
      for (const multiple of [false, true]) {
        try {
          parse(type, text, multiple)
        } catch (error) {
          expect(error).toBeInstanceOf(OptionError)
        }
      }
      expect([type, part, performance.now() - start < 3000]).toEqual([type, part, true])
    }
  }
})
