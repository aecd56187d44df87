import { CharSet } from './char-set.ts'
import { parseRegex, type RegexNode } from './regex-syntax.ts'

/**
 * Tells why a long text can make a pattern slow, or `null` when nothing is known against it.
 *
 * Two shapes are known: a repetition inside a repetition with nothing between its turns, such as `(a+)+`, which takes
 * exponential time; and two open repetitions that can share a text, such as `(.*)/(.*)/edit`, which takes quadratic time.
 */
export function explainBacktracking(regex: RegExp): string | null {
  const root = parseRegex(regex)
  if (root === null) return null
  if (repeatsAmbiguously(root)) return 'a repetition repeats itself'
  const toEnd = /\$\)*$/.test(regex.source)
  return paths(root).some((path) => sharesText(path, toEnd))
    ? 'two repetitions can match the same text'
    : null
}

function repeatsAmbiguously(node: RegexNode): boolean {
  switch (node.kind) {
    case 'char':
      return false
    case 'sequence':
      return node.items.some(repeatsAmbiguously)
    case 'either':
      return node.branches.some(repeatsAmbiguously)
    case 'repeat':
      if (node.max === Infinity && canSplitTurns(node.body)) return true
      return repeatsAmbiguously(node.body)
  }
}

/** Whether one turn of a repetition may also be read as two. */
function canSplitTurns(body: RegexNode): boolean {
  switch (body.kind) {
    case 'char':
      return false
    case 'repeat':
      if (body.max === Infinity && toSet(body.body) !== null) return true
      return canSplitTurns(body.body)
    case 'sequence':
      return body.items.some((item, i) => {
        const loop = findLoop(item)
        if (loop === null) return false
        return body.items.every((other, j) => i === j || fitsWithin(other, loop))
      })
    case 'either':
      return body.branches.some((branch, i) => {
        if (canSplitTurns(branch)) return true
        const set = toSet(branch)
        return set !== null && body.branches.some((other, j) => i !== j && consumesWithin(other, set))
      })
  }
}

/** The set of an open repetition of single characters that `node` is, or contains with nothing around it. */
function findLoop(node: RegexNode): CharSet | null {
  switch (node.kind) {
    case 'char':
      return null
    case 'repeat':
      return node.max === Infinity ? toSet(node.body) : findLoop(node.body)
    case 'sequence':
      return node.items.length === 1 ? findLoop(node.items[0]!) : null
    case 'either':
      return node.branches.map(findLoop).find((set) => set !== null) ?? null
  }
}

/** Whether some text of the set's characters alone, perhaps the empty one, matches. */
function fitsWithin(node: RegexNode, set: CharSet): boolean {
  switch (node.kind) {
    case 'char':
      return node.set.meets(set)
    case 'sequence':
      return node.items.every((item) => fitsWithin(item, set))
    case 'either':
      return node.branches.some((branch) => fitsWithin(branch, set))
    case 'repeat':
      return node.min === 0 || fitsWithin(node.body, set)
  }
}

function consumesWithin(node: RegexNode, set: CharSet): boolean {
  return fitsWithin(node, set) && !isNullable(node)
}

function isNullable(node: RegexNode): boolean {
  return fitsWithin(node, CharSet.none)
}

/** The set of what is always one character, whichever it is; `null` for what is not. */
function toSet(node: RegexNode): CharSet | null {
  switch (node.kind) {
    case 'char':
      return node.set
    case 'sequence':
      return node.items.length === 1 ? toSet(node.items[0]!) : null
    case 'either': {
      const sets = node.branches.map(toSet)
      return sets.reduce((all, set) => (all === null || set === null ? null : all.or(set)))
    }
    case 'repeat':
      return null
  }
}

/** A single character of a path through a pattern: once, perhaps, or any number of times. */
interface Step {
  readonly set: CharSet
  readonly optional: boolean
  readonly open: boolean
}

const maxPaths = 64

/** The ways through a pattern, groups taken or left out; none at all when there are too many to look at. */
function paths(node: RegexNode): Step[][] {
  switch (node.kind) {
    case 'char':
      return [[{ set: node.set, optional: false, open: false }]]
    case 'either':
      return limited(node.branches.flatMap(paths))
    case 'sequence': {
      let found: Step[][] = [[]]
      for (const item of node.items) {
        const next = paths(item)
        found = limited(found.flatMap((path) => next.map((rest) => [...path, ...rest])))
      }
      return found
    }
    case 'repeat': {
      const set = toSet(node.body)
      const optional = node.min === 0
      if (set !== null) return [[{ set, optional, open: node.max === Infinity }]]
      const once = paths(node.body)
      return limited(optional ? [[], ...once] : once)
    }
  }
}

function limited(found: Step[][]): Step[][] {
  return found.length > maxPaths ? [] : found
}

function sharesText(path: Step[], toEnd: boolean): boolean {
  const open = [...path.keys()].filter((i) => path[i]!.open)
  return open.some((first, i) => open.slice(i + 1).some((second) => canShare(path, toEnd, first, second)))
}

/** Whether a text can be dealt out between two open repetitions in many ways, and the match still fail behind them. */
function canShare(path: Step[], toEnd: boolean, first: number, second: number): boolean {
  const shared = path[first]!.set.and(path[second]!.set)
  if (shared.isEmpty) return false
  const between = path.slice(first + 1, second)
  if (!between.every(({ set, optional }) => optional || set.meets(shared))) return false
  if (!toEnd && path.slice(second + 1).every(({ optional }) => optional)) return false
  return !cannotFail(path, second, between)
}

/**
 * Whether the pattern matches whatever follows the repetition at `index`: it takes everything to the end itself, or one
 * like it comes behind the very text that led to it, so that a text which leads here often leads there too.
 */
function cannotFail(path: Step[], index: number, before: readonly Step[]): boolean {
  if (!path[index]!.set.covers(CharSet.dot)) return false
  const rest = path.slice(index + 1)
  if (rest.every(({ optional }) => optional)) return true
  const next = rest.findIndex(({ open }) => open)
  if (next !== before.length || !rest.slice(0, next).every((step, i) => equal(step, before[i]!))) return false
  return cannotFail(path, index + 1 + next, before)
}

function equal(a: Step, b: Step): boolean {
  return a.set.covers(b.set) && b.set.covers(a.set) && a.optional === b.optional && a.open === b.open
}
