import { describe, expect, it } from 'vitest'
import { expectLinearTime } from '../../../../scripts/vitest/linear-time.ts'
import { PluralFormsError } from '../errors.ts'
import { compilePluralForms } from './plural-forms.ts'

const forms = (expression: string, ...counts: number[]): number[] => {
  const { formOf } = compilePluralForms(`nplurals=6; plural=${expression};`)
  return counts.map((count) => formOf(count))
}

describe('compilePluralForms', () => {
  it('knows the rules of the gettext manual', () => {
    expect(forms('0', 0, 1, 2)).toEqual([0, 0, 0])
    expect(forms('n != 1', 0, 1, 2)).toEqual([1, 0, 1])
    expect(forms('(n>1)', 0, 1, 2)).toEqual([0, 0, 1])
    expect(forms('n%10==1 && n%100!=11 ? 0 : n != 0 ? 1 : 2', 0, 1, 11, 21, 5)).toEqual([2, 0, 1, 0, 1])
    const russian = '(n%10==1 && n%100!=11 ? 0 : n%10>=2 && n%10<=4 && (n%100<10 || n%100>=20) ? 1 : 2)'
    expect(forms(russian, 1, 21, 2, 4, 5, 11, 12, 22, 111, 112)).toEqual([0, 0, 1, 1, 2, 2, 2, 1, 2, 2])
    const slovene = 'n%100==1 ? 0 : n%100==2 ? 1 : n%100==3 || n%100==4 ? 2 : 3'
    expect(forms(slovene, 1, 101, 2, 3, 4, 5, 0)).toEqual([0, 0, 1, 2, 2, 3, 3])
    const arabic = 'n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5'
    expect(forms(arabic, 0, 1, 2, 3, 11, 100, 103)).toEqual([0, 1, 2, 3, 4, 5, 3])
  })

  it('binds operators as C does', () => {
    expect(forms('1 + 2 * 3 - 8 / 3', 0)).toEqual([5])
    expect(forms('10 - 4 - 3', 0)).toEqual([3])
    expect(forms('1 || 0 && 0', 0)).toEqual([1])
    expect(forms('1 == 1 < 2', 0)).toEqual([1])
    expect(forms('3 > 2 > 1', 0)).toEqual([0])
    expect(forms('!n', 0, 5)).toEqual([1, 0])
    expect(forms('!!n + 1', 0, 5)).toEqual([1, 2])
    expect(forms('0 ? 1 : 0 ? 2 : 3', 0)).toEqual([3])
    expect(forms('1 ? 0 ? 4 : 5 : 3', 0)).toEqual([5])
    expect(forms('5 && 3', 0)).toEqual([1])
  })

  it('counts whole numbers, and never fails', () => {
    expect(forms('n != 1', 1.4, 0.6, 1.5)).toEqual([0, 0, 1])
    expect(forms('n % 10', -1, -11)).toEqual([9, 9])
    expect(forms('n / 2', 7, -7)).toEqual([3, -4])
    expect(forms('n / 0 + n % 0 + n % (n - n)', 5)).toEqual([0])
  })

  it('reads the header with any spaces', () => {
    expect(compilePluralForms('nplurals=2; plural=n>1').count).toBe(2)
    expect(compilePluralForms(' nplurals = 3 ;\n plural = n ;').formOf(2)).toBe(2)
  })

  it.each([
    'nplurals=INTEGER; plural=EXPRESSION;',
    'nplurals=2',
    'plural=n',
    'nplurals=0; plural=0',
    'nplurals=99; plural=n',
    'nplurals=2; plural=',
    'nplurals=2; plural=n n',
    'nplurals=2; plural=n +',
    'nplurals=2; plural=(n',
    'nplurals=2; plural=n)',
    'nplurals=2; plural=n ? 1',
    'nplurals=2; plural=n ? 1 : ',
    'nplurals=2; plural=-1',
    'nplurals=2; plural=n = 1',
    'nplurals=2; plural=n & 1',
    'nplurals=2; plural=m',
    'nplurals=2; plural=nn',
    'nplurals=2; plural=n1',
    'nplurals=2; plural=1n',
    'nplurals=2; plural=0x10',
    'nplurals=2; plural=process.exit(1)',
    'nplurals=2; plural=n["constructor"]',
    'nplurals=2; plural=constructor',
    'nplurals=2; plural=`${n}`',
    'nplurals=2; plural=9999999999999999999999',
    'nplurals=2; plural=toString',
    `nplurals=2; plural=${'('.repeat(60)}n${')'.repeat(60)}`,
    `nplurals=2; plural=${'n?'.repeat(100)}1`,
    `nplurals=2; plural=${'n+'.repeat(2000)}1`,
  ])('refuses %s', (header) => {
    expect(() => compilePluralForms(header)).toThrow(PluralFormsError)
  })

  it('takes time in proportion to the text', () => {
    for (const part of ['(', '!', 'n', '1', ' ', 'n?', 'n?1:', 'n+', 'n||', '(n)*']) {
      const compile = (text: string): void => {
        try {
          compilePluralForms(`nplurals=2; plural=${text}n`).formOf(7)
        } catch (error) {
          expect(error).toBeInstanceOf(PluralFormsError)
        }
      }
      // The longest has 960 characters: one run of it is too short to be measured.
      const often = (text: string): void => Array.from({ length: 100 }).forEach(() => compile(text))
      expectLinearTime(part, often, { size: 60 / part.length })
    }
  })
})
