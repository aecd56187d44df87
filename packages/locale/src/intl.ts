/** Formatters of one language, each made once for each set of options. */
export class IntlFormatters {
  readonly #tag: string
  readonly #made = new Map<string, unknown>()

  constructor(tag: string) {
    this.#tag = tag
  }

  date(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    return this.#get('date', options, () => new Intl.DateTimeFormat(this.#tag, options))
  }

  relativeTime(options: Intl.RelativeTimeFormatOptions): Intl.RelativeTimeFormat {
    return this.#get('relative', options, () => new Intl.RelativeTimeFormat(this.#tag, options))
  }

  number(options: Intl.NumberFormatOptions): Intl.NumberFormat {
    return this.#get('number', options, () => new Intl.NumberFormat(this.#tag, options))
  }

  list(options: Intl.ListFormatOptions): Intl.ListFormat {
    return this.#get('list', options, () => new Intl.ListFormat(this.#tag, options))
  }

  languageNames(): Intl.DisplayNames {
    const options: Intl.DisplayNamesOptions = { type: 'language', fallback: 'code' }
    return this.#get('names', options, () => new Intl.DisplayNames(this.#tag, options))
  }

  #get<T extends object>(kind: string, options: object, make: () => T): T {
    const key = kind + JSON.stringify(options)
    const found = this.#made.get(key)
    // What lies under a key was made by the method whose kind begins the key.
    if (found !== undefined) return found as T
    const made = make()
    if (this.#made.size >= maxFormatters) this.#made.clear()
    this.#made.set(key, made)
    return made
  }
}

/** Options hold time zones and currencies, which may come from outside. */
const maxFormatters = 200

const scripts: ReadonlyMap<string, string> = new Map([
  ['latin', 'Latn'],
  ['cyrillic', 'Cyrl'],
  ['devanagari', 'Deva'],
  ['valencia', 'valencia'],
])

/**
 * The BCP 47 tag of a locale's code that `Intl` knows: `fr-FR` for `fr_FR`, `sr-Latn-RS` for `sr_RS@latin`.
 * A code that is no language's gives `en-US`, since else the system's language would show.
 */
export function languageTagOf(code: string): string {
  const [, base = '', modifier = ''] = /^([^.@]*)(?:\.[^@]*)?(?:@(.*))?$/.exec(code) ?? []
  const subtags = base.split(/[_-]/)
  // What stands for Latin America in Tornado's list would be Laos.
  if (base === 'es_LA') subtags[1] = '419'
  const variant = scripts.get(modifier.toLowerCase())
  if (variant !== undefined) subtags.splice(variant.length === 4 ? 1 : subtags.length, 0, variant)
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(subtags.join('-'))[0] ?? 'en-US'
  } catch {
    return 'en-US'
  }
}

/** How far a point in time is away, in the unit in which that is a small number; the past is negative. */
export function relativeUnit(differenceMs: number): { value: number; unit: Intl.RelativeTimeFormatUnit } {
  for (const [unit, unitMs, limit] of units) {
    const value = Math.round(differenceMs / unitMs)
    if (Math.abs(value) < limit) return { value, unit }
  }
  return { value: Math.round(differenceMs / yearMs), unit: 'year' }
}

const dayMs = 86_400_000
const yearMs = 365.2425 * dayMs
const units: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, unitMs: number, limit: number])[] = [
  ['second', 1000, 60],
  ['minute', 60_000, 60],
  ['hour', 3_600_000, 24],
  ['day', dayMs, 30],
  ['month', yearMs / 12, 12],
]
