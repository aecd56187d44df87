import { toUnicode } from './unicode.ts'

/**
 * A copy of nested arrays, plain objects, maps and sets in which all bytes are text, the keys of maps too.
 *
 * Everything else is kept as it is. What occurs twice in the value, or in itself, does so in the copy.
 *
 * @throws {UnicodeDecodeError} For bytes that are not UTF-8.
 *
 * Tornado: escape.recursive_unicode.
 */
export function recursiveUnicode(value: unknown): unknown {
  const copies = new Map<object, object>()
  // A queue and not recursion, as the depth of parsed input is its sender's choice.
  const unfilled: (() => void)[] = []

  const copyOf = (item: unknown): unknown => {
    if (item instanceof Uint8Array) return toUnicode(item)
    if (typeof item !== 'object' || item === null) return item
    const known = copies.get(item)
    if (known !== undefined) return known
    const [copy, fill] = emptyCopy(item, copyOf)
    copies.set(item, copy)
    if (fill !== null) unfilled.push(fill)
    return copy
  }

  const copy = copyOf(value)
  for (let fill = unfilled.pop(); fill !== undefined; fill = unfilled.pop()) fill()
  return copy
}

function emptyCopy(
  item: object,
  copyOf: (inner: unknown) => unknown,
): [copy: object, fill: (() => void) | null] {
  if (Array.isArray(item)) {
    const copy: unknown[] = []
    return [copy, () => item.forEach((inner) => copy.push(copyOf(inner)))]
  }
  if (item instanceof Map) {
    const copy = new Map<unknown, unknown>()
    return [copy, () => item.forEach((inner, key) => copy.set(copyOf(key), copyOf(inner)))]
  }
  if (item instanceof Set) {
    const copy = new Set<unknown>()
    return [copy, () => item.forEach((inner) => copy.add(copyOf(inner)))]
  }
  const prototype: unknown = Object.getPrototypeOf(item)
  if (prototype !== Object.prototype && prototype !== null) return [item, null]
  const copy: object = prototype === null ? Object.create(null) : {}
  const fill = (): void => {
    for (const [key, inner] of Object.entries(item)) {
      // Assigning would call the setter of `__proto__`, a key that parsed JSON may have.
      Object.defineProperty(copy, key, {
        value: copyOf(inner),
        configurable: true,
        enumerable: true,
        writable: true,
      })
    }
  }
  return [copy, fill]
}
