import { state } from './state.ts'

/** RFC 5646 §4.4.1: no registered tag is longer. Beyond it nothing is looked up. */
const longestCode = 35

/**
 * The supported code that serves readers of `code` best, or `null`.
 *
 * Case, `-` and `_` do not matter. Tried in turn: the code itself, the code without what stands at its end, part by
 * part (RFC 4647 §3.4), with the language and the region alone (`zh_TW` for `zh-Hant-TW`) before the language.
 */
export function closestCode(code: string): string | null {
  if (code === '' || code.length > longestCode) return null
  const { index } = state
  const wanted = code.replaceAll('-', '_').toLowerCase()
  const found = index.get(wanted)
  if (found !== undefined) return found
  const first = wanted.indexOf('_')
  if (first === -1) return null
  for (let end = wanted.lastIndexOf('_'); end > first; end = wanted.lastIndexOf('_', end - 1)) {
    const shorter = index.get(wanted.slice(0, end))
    if (shorter !== undefined) return shorter
  }
  const language = wanted.slice(0, first)
  const region = /^[^_]*_[a-z]{4}_([a-z]{2}|\d{3})(?=_|$)/.exec(wanted)?.[1]
  return (
    (region === undefined ? undefined : index.get(`${language}_${region}`)) ?? index.get(language) ?? null
  )
}
