// What all copies of this package in the process share. It lies on `globalThis`, so that the locales which a
// program loads are those that a framework finds, whichever copy each of them imports. Its shape is a contract
// between versions: a change of it needs another key.
import type { Locale } from './locale.ts'

export interface LocaleState {
  /** The code that stands for "nothing better was found". */
  defaultCode: string
  /** Makes the locale of a code that was loaded. */
  factories: ReadonlyMap<string, (code: string) => Locale>
  /** Locales made so far, by code. */
  locales: Map<string, Locale>
  /** Codes that can be had, by their lower-case form. */
  index: ReadonlyMap<string, string>
}

const key = Symbol.for('tornado.locale.v1')
const holder: { [key]?: LocaleState } & object = globalThis

export const state: LocaleState = (holder[key] ??= createState())

function createState(): LocaleState {
  const defaultCode = 'en_US'
  return { defaultCode, factories: new Map(), locales: new Map(), index: indexOf([defaultCode]) }
}

function indexOf(codes: Iterable<string>): ReadonlyMap<string, string> {
  return new Map(Array.from(codes, (code) => [code.replaceAll('-', '_').toLowerCase(), code]))
}

/** Puts what was loaded in the place of what was loaded before, and tells the codes that can be had now. */
export function replaceLocales(
  factories: ReadonlyMap<string, (code: string) => Locale>,
  defaultCode: string = state.defaultCode,
): readonly string[] {
  state.factories = factories
  state.defaultCode = defaultCode
  state.locales = new Map()
  state.index = indexOf(new Set([...factories.keys(), defaultCode]))
  return [...state.index.values()]
}
