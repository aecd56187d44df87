// Routers
export { Router, type FindHandlerOptions } from './router.ts'
export { RuleRouter, type RuleTarget, type RuleTuple } from './rule-router.ts'
export { ReversibleRuleRouter, type ReversibleRouter } from './reversible-rule-router.ts'

// Rules and what they match
export { Rule, URLSpec, type RuleOptions } from './rule.ts'
export { AnyMatches, DefaultHostMatches, HostMatches, type Matcher, type MatchResult } from './matcher.ts'
export { PathMatches } from './path-matches.ts'
export { reUnescape } from './re-unescape.ts'
