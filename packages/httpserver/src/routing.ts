// Routers
export { Router, type FindHandlerOptions } from './routing/router.ts'
export { RuleRouter, type RuleTarget, type RuleTuple } from './routing/rule-router.ts'
export { ReversibleRuleRouter, type ReversibleRouter } from './routing/reversible-rule-router.ts'

// Rules and what they match
export { Rule, URLSpec, type RuleOptions } from './routing/rule.ts'
export {
  AnyMatches,
  DefaultHostMatches,
  HostMatches,
  type Matcher,
  type MatchResult,
} from './routing/matcher.ts'
export { PathMatches } from './routing/path-matches.ts'
export { reUnescape } from './routing/re-unescape.ts'
