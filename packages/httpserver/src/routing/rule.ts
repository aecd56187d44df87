import type { Matcher } from './matcher.ts'
import { PathMatches } from './path-matches.ts'

/** The optional parts of a {@link Rule}. */
export interface RuleOptions {
  /** What the target is made with: a handler's `initialize` gets it. @default {} */
  targetKwargs?: Readonly<Record<string, unknown>>
  /** The name that `reverseUrl` knows the rule by. @default none */
  name?: string
}

/** A matcher and the target of the requests it matches. Tornado: routing.Rule. */
export class Rule<Target = unknown> {
  readonly matcher: Matcher
  readonly target: Target
  readonly targetKwargs: Readonly<Record<string, unknown>>
  readonly name: string | undefined

  constructor(matcher: Matcher, target: Target, { targetKwargs = {}, name }: RuleOptions = {}) {
    this.matcher = matcher
    this.target = target
    this.targetKwargs = targetKwargs
    this.name = name
  }

  /** The URL that matches with these arguments, or `null` when the matcher has none. */
  reverse(...args: unknown[]): string | null {
    return this.matcher.reverse?.(...args) ?? null
  }
}

/** A rule for a path pattern. Tornado: routing.URLSpec, web.url. */
export class URLSpec<Target = unknown> extends Rule<Target> {
  declare readonly matcher: PathMatches

  constructor(
    pattern: string | RegExp,
    handler: Target,
    kwargs: Readonly<Record<string, unknown>> = {},
    name?: string,
  ) {
    super(new PathMatches(pattern), handler, {
      targetKwargs: kwargs,
      ...(name === undefined ? {} : { name }),
    })
  }
}
