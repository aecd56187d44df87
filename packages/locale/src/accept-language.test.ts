import { beforeEach, describe, expect, it } from 'vitest'
import { expectLinearTime } from '../../../scripts/vitest/linear-time.ts'
import { matchAcceptLanguage, parseAcceptLanguage } from './accept-language.ts'
import { setDefaultLocale } from './get.ts'
import { Locale } from './locale.ts'
import { replaceLocales } from './state.ts'

beforeEach(() => {
  replaceLocales(
    new Map(['fr', 'pt_BR', 'pt', 'zh_TW'].map((code) => [code, (each: string) => new Locale(each)])),
    'en_US',
  )
})

describe('parseAcceptLanguage', () => {
  it('orders languages by weight, and keeps the order of those of equal weight', () => {
    expect(parseAcceptLanguage('da, en-gb;q=0.8, en;q=0.7, fr')).toEqual(['da', 'fr', 'en-gb', 'en'])
    expect(parseAcceptLanguage('en;q=0.5,fr;q=0.5 , de ;  Q = 1.000')).toEqual(['de', 'en', 'fr'])
    expect(parseAcceptLanguage('a;q=.5,b;q=0.51')).toEqual(['b', 'a'])
  })

  it('leaves out what is not wanted, not a language or no weight', () => {
    expect(parseAcceptLanguage('en;q=0, fr;q=0.000, *, *;q=0.1, , ;q=1, de')).toEqual(['de'])
    for (const weight of [
      'nan',
      'NaN',
      'inf',
      '1e999',
      '1e-1',
      '-1',
      '1.1',
      '2',
      '',
      '0.5.5',
      '0,5',
      '0x1',
      '\u0661',
    ]) {
      expect([weight, parseAcceptLanguage(`en;q=${weight}`).includes('en')]).toEqual([weight, false])
    }
    expect(parseAcceptLanguage('')).toEqual([])
  })

  it('reads the weight from the first parameter only', () => {
    expect(parseAcceptLanguage('a;q=0.1;q=1, b;level=1;q=0, c;q=0.2;x')).toEqual(['b', 'c', 'a'])
  })
})

describe('matchAcceptLanguage', () => {
  it('finds the supported language of the highest weight', () => {
    expect(matchAcceptLanguage('fr;q=0.2, pt-BR;q=0.8, pt;q=0.9').code).toBe('pt')
    expect(matchAcceptLanguage('de, pt-BR;q=0.8, fr;q=0.8').code).toBe('pt_BR')
    expect(matchAcceptLanguage('zh-Hant-TW,zh;q=0.9,en;q=0.8').code).toBe('zh_TW')
    expect(matchAcceptLanguage('fr;q=0, en-US').code).toBe('en_US')
    expect(matchAcceptLanguage('en-US,fr;q=0.9')).toBe(Locale.get('en_US'))
  })

  it('falls back on the default locale, or without any language on the fallback', () => {
    setDefaultLocale('nl')
    expect(matchAcceptLanguage('de, es;q=0.5').code).toBe('nl')
    expect(matchAcceptLanguage('*', 'fr').code).toBe('fr')
    expect(matchAcceptLanguage(null, 'fr').code).toBe('fr')
    expect(matchAcceptLanguage(undefined, 'pt-BR').code).toBe('pt_BR')
    expect(matchAcceptLanguage('').code).toBe('nl')
    expect(matchAcceptLanguage('__proto__, constructor;q=0.5').code).toBe('nl')
  })

  it('takes time in proportion to the header', () => {
    const parts = [
      ',',
      ';q=',
      'a,',
      'a;q=0.5,',
      ';',
      '-',
      'a-',
      ' ',
      'en;q=0.' + '1'.repeat(50) + ',',
      'q',
      '*,',
    ]
    for (const part of parts) {
      expectLinearTime(
        part,
        (header) => {
          expect(matchAcceptLanguage(header).code).toBe('en_US')
          parseAcceptLanguage(header)
        },
        { size: Math.ceil(15_000 / part.length) },
      )
    }
  })
})
