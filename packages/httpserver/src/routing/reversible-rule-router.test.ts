import { appLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { expect, it } from 'vitest'
import { AnyMatches } from './matcher.ts'
import { ReversibleRuleRouter } from './reversible-rule-router.ts'
import { RuleRouter } from './rule-router.ts'
import { Rule, URLSpec } from './rule.ts'

const target = (): void => {}

it('B-route-014 finds a rule by name, also in the routers below', () => {
  const below = new ReversibleRuleRouter([['/below/(.*)', target, {}, 'below']])
  const router = new ReversibleRuleRouter([
    ['/a/(.*)', target, {}, 'a'],
    new Rule(new AnyMatches(), new RuleRouter([['/hidden', target, {}, 'hidden']])),
    [new AnyMatches(), below],
    new URLSpec('/b', target, {}, 'b'),
  ])
  expect(router.reverseUrl('a', 'x y')).toBe('/a/x%20y')
  expect(router.reverseUrl('b')).toBe('/b')
  expect(router.reverseUrl('below', 1)).toBe('/below/1')
  expect(router.reverseUrl('hidden')).toBeNull()
  expect(router.reverseUrl('unknown')).toBeNull()
  expect(router.reverseUrl('toString')).toBeNull()
})

it('B-route-014 a matcher without a reverse has none', () => {
  const router = new ReversibleRuleRouter([[new AnyMatches(), target, {}, 'any']])
  expect(router.reverseUrl('any')).toBeNull()
})

it('B-route-013 warns of a name given twice, and the later wins', () => {
  using log = expectLog(appLog, 'Multiple handlers named a; replacing previous value', { level: 'warning' })
  const router = new ReversibleRuleRouter([
    ['/first', target, {}, 'a'],
    ['/second', target, {}, 'a'],
  ])
  expect(router.reverseUrl('a')).toBe('/second')
  expect(log.matched).toBe(1)
})

it('knows a rule that is added later', () => {
  const router = new ReversibleRuleRouter()
  router.addRules([['/late', target, {}, 'late']])
  router.insertRule(0, new URLSpec('/early', target, {}, 'early'))
  expect([router.reverseUrl('late'), router.reverseUrl('early')]).toEqual(['/late', '/early'])
})
