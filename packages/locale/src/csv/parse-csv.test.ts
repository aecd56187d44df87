import { describe, expect, it } from 'vitest'
import { expectLinearTime } from '../../../../scripts/vitest/linear-time.ts'
import { parseCSV, parseCSVTranslations } from './parse-csv.ts'

describe('parseCSV', () => {
  it('reads rows of fields', () => {
    expect(parseCSV('a,b\nc,d,e\n')).toEqual([
      ['a', 'b'],
      ['c', 'd', 'e'],
    ])
    expect(parseCSV('')).toEqual([])
    expect(parseCSV('a')).toEqual([['a']])
    expect(parseCSV('a,\n,b\n,')).toEqual([
      ['a', ''],
      ['', 'b'],
      ['', ''],
    ])
    expect(parseCSV('a\r\nb\rc\n\nd')).toEqual([['a'], ['b'], ['c'], [], ['d']])
  })

  it('reads quoted fields as Python does', () => {
    expect(parseCSV('"a,b","c ""d""",""')).toEqual([['a,b', 'c "d"', '']])
    expect(parseCSV('"two\r\nlines",x')).toEqual([['two\nlines', 'x']])
    expect(parseCSV('a"b"c, "d"')).toEqual([['a"b"c', ' "d"']])
    expect(parseCSV('"a"b"c",d')).toEqual([['ab"c"', 'd']])
    expect(parseCSV('"""",x\n"open, and\nnever closed')).toEqual([['"', 'x'], ['open, and\nnever closed']])
  })

  it('takes time in proportion to the text', () => {
    for (const part of ['"', '""', ',', '\n', '",', 'a"', '"a', '\r']) {
      expectLinearTime(part, parseCSV)
    }
  })
})

describe('parseCSVTranslations', () => {
  it('B-loc-003 B-loc-004 trims fields, ignores short rows, and sorts rows by the third column', () => {
    const { translations, problems } = parseCSVTranslations(
      ' school , escuela \nalone\n\n%(n)d,%(n)d es,plural\none,uno,singular\nbook,libro,unknown\npen,pluma,,ignored\n',
    )
    expect(Object.fromEntries(translations.unknown)).toEqual({
      school: 'escuela',
      book: 'libro',
      pen: 'pluma',
    })
    expect(Object.fromEntries(translations.plural)).toEqual({ '%(n)d': '%(n)d es' })
    expect(Object.fromEntries(translations.singular)).toEqual({ one: 'uno' })
    expect(problems).toEqual([])
  })

  it('B-loc-004 tells the rows with another third column', () => {
    const { translations, problems } = parseCSVTranslations(
      'a,b,dual\nc,d, plural \ne,f,toString\ng,h,__proto__\n',
    )
    expect(problems).toEqual([
      { row: 1, indicator: 'dual' },
      { row: 3, indicator: 'toString' },
      { row: 4, indicator: '__proto__' },
    ])
    expect([...translations.plural.keys()]).toEqual(['c'])
  })

  it('keeps messages with the names that objects inherit', () => {
    const { translations } = parseCSVTranslations('__proto__,x\nconstructor,y\n')
    expect([...translations.unknown]).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
  })

  it('trims what Python trims', () => {
    const { translations } = parseCSVTranslations('\u00a0\u2003\u001fa\u0085,\u200bb\uFEFF')
    expect([...translations.unknown]).toEqual([['a', '\u200bb\uFEFF']])
  })
})
