import type { Logger, LogLevel } from '@tornado-ts/log'
import { expectLog, type ExpectedLog, type ExpectLogOptions } from '@tornado-ts/log/testing'

/**
 * Claims the log lines whose beginning fits a pattern, from its making until it is disposed; disposing throws when none
 * came. `expectLog` is the same with a pattern that fits anywhere.
 *
 * @example
 * using expected = new ExpectLog('tornado.application', 'Uncaught exception')
 *
 * Tornado: testing.ExpectLog.
 */
export class ExpectLog implements Disposable {
  readonly #expected: ExpectedLog

  /**
   * @param regex The source of a pattern, or a pattern. It must fit at the start of the message.
   * @param options.required Whether disposing throws when nothing came. @default true
   * @param options.level Only this level counts. @default any
   */
  constructor(logger: Logger | string, regex: string | RegExp, options: ExpectLogOptions = {}) {
    const [source, flags] = typeof regex === 'string' ? [regex, ''] : [regex.source, regex.flags]
    this.#expected = expectLog(logger, new RegExp(`^(?:${source})`, flags.replace(/[gm]/g, '')), options)
  }

  /** How many lines came. */
  get matched(): number {
    return this.#expected.matched
  }

  /** Whether one of them carried an error, whose stack would have been logged. */
  get loggedStack(): boolean {
    return this.#expected.loggedStack
  }

  /** The level of each line that came. */
  get levels(): LogLevel[] {
    return this.#expected.records.map(({ level }) => level)
  }

  [Symbol.dispose](): void {
    this.#expected[Symbol.dispose]()
  }
}
