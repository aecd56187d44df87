import { appLog } from '@tornado-ts/log'
import { Router } from './router.ts'
import { RuleRouter, type RuleTarget, type RuleTuple } from './rule-router.ts'
import type { Rule } from './rule.ts'

/** A router that can tell the URL of a named rule. Tornado: routing.ReversibleRouter. */
export interface ReversibleRouter {
  /** The URL of the rule called `name`, with the arguments in place of its groups; `null` when there is no such rule. */
  reverseUrl(name: string, ...args: unknown[]): string | null
}

/** A rule router that knows its rules, and those of the routers below, by name. Tornado: routing.ReversibleRuleRouter. */
export class ReversibleRuleRouter<Target = RuleTarget>
  extends RuleRouter<Target>
  implements ReversibleRouter
{
  #namedRules: Map<string, Rule<Target>> | null = null

  constructor(rules: Iterable<Rule<NoInfer<Target>> | RuleTuple<NoInfer<Target>>> = []) {
    // The rules are processed only when the map of names exists, which it does not within the base constructor.
    super()
    this.addRules(rules)
  }

  override processRule(rule: Rule<Target>): Rule<Target> {
    const processed = super.processRule(rule)
    if (processed.name !== undefined) {
      this.#namedRules ??= new Map()
      if (this.#namedRules.has(processed.name)) {
        appLog.warning(`Multiple handlers named ${processed.name}; replacing previous value`)
      }
      this.#namedRules.set(processed.name, processed)
    }
    return processed
  }

  reverseUrl(name: string, ...args: unknown[]): string | null {
    const named = this.#namedRules?.get(name)
    if (named !== undefined) return named.reverse(...args)
    for (const { target } of this.rules) {
      if (!(target instanceof Router) || !isReversible(target)) continue
      const url = target.reverseUrl(name, ...args)
      if (url !== null) return url
    }
    return null
  }
}

function isReversible(router: Router): router is Router & ReversibleRouter {
  return 'reverseUrl' in router
}
