import { appLog } from '@tornado-ts/log'
import { expectLog, type ExpectedLog } from '@tornado-ts/log/testing'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { makeRequest } from '../../fixtures/delegates.ts'
import { AnyMatches, HostMatches, type Matcher } from './matcher.ts'
import { PathMatches } from './path-matches.ts'
import { RuleIndex } from './rule-index.ts'
import { Rule } from './rule.ts'

const piece = fc.constantFrom(
  '/',
  'a',
  'b',
  'ab',
  '/a',
  '/ab',
  '/b/',
  'a?',
  'b*',
  'a+',
  'a{2}',
  'a{0}',
  '\\.',
  '\\/',
  '\\w',
  '.',
  '[ab]',
  '([^/]+)',
  '(.*)',
  '(?:a|b)',
  '(?:/b)?',
  '(?=a)',
  '$',
  '^',
  '|',
  '|/a',
)
const claimWarnings = (): ExpectedLog => expectLog(appLog, 'can be made slow', { required: false })
const source = fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join(''))
const matcher: fc.Arbitrary<Matcher> = fc.oneof(
  { weight: 8, arbitrary: source.map((text) => new PathMatches(text)) },
  { weight: 2, arbitrary: source.map((text) => new PathMatches(new RegExp(text))) },
  { weight: 1, arbitrary: source.map((text) => new PathMatches(new RegExp(text, 'i'))) },
  { weight: 1, arbitrary: fc.constantFrom('one', 'two').map((host) => new HostMatches(host)) },
  { weight: 1, arbitrary: fc.constant(new AnyMatches()) },
)
const path = fc
  .array(fc.constantFrom('/', 'a', 'b', 'A', '.', '/a', '/ab', '/b/'), { maxLength: 6 })
  .map((pieces) => pieces.join(''))

it('finds what trying every rule in order finds', () => {
  using _warnings = claimWarnings()
  fc.assert(
    fc.property(
      fc.array(matcher, { maxLength: 12 }),
      fc.array(path, { minLength: 1, maxLength: 8 }),
      fc.constantFrom('one', 'two', 'three'),
      (matchers, paths, host) => {
        const rules = matchers.map((each, i) => new Rule(each, i))
        const index = new RuleIndex(rules)
        for (const uri of [...paths, ...paths]) {
          const request = makeRequest(uri, { headers: { Host: host } })
          const matching = (all: readonly Rule<number>[]): number[] =>
            all.filter((rule) => rule.matcher.match(request) !== null).map((rule) => rule.target)
          expect(matching(index.candidates(request.path))).toEqual(matching(rules))
        }
      },
    ),
    { numRuns: 2000 },
  )
})

it('matches what the pattern itself matches as a whole', () => {
  using _warnings = claimWarnings()
  fc.assert(
    fc.property(source, path, (text, uri) => {
      const matches = new PathMatches(text).match(makeRequest(uri)) !== null
      expect(matches).toBe(new RegExp(`^(?:${text})$`).test(uri))
    }),
    { numRuns: 2000 },
  )
})

it('answers few candidates among a thousand rules', () => {
  const rules = Array.from({ length: 1000 }, (_, i) => new Rule(new PathMatches(`/section${i}/([0-9]+)`), i))
  const index = new RuleIndex([...rules, new Rule(new PathMatches('/(.*)'), -1)])
  expect(index.candidates('/section700/5').map(({ target }) => target)).toEqual([700, -1])
  expect(index.candidates('/other').map(({ target }) => target)).toEqual([-1])
  expect(index.candidates('elsewhere')).toEqual([])
})

it('answers the same list for a path that comes again', () => {
  const index = new RuleIndex([new Rule(new AnyMatches(), 1), new Rule(new PathMatches('/a(.*)'), 2)])
  expect(index.candidates('/ab')).toBe(index.candidates('/ac'))
})
