import { enablePrettyLogging, loggingOptionDefinitions, type LoggingOptions } from '@tornado-ts/log'
import { OptionError } from './errors.ts'
import type { OptionParser } from './option-parser.ts'

const formats: ReadonlySet<unknown> = new Set(['pretty', 'json'])

/**
 * Defines the options of `enablePrettyLogging` (`--logging`, `--log-file-prefix` and so on) in a parser, and has it
 * called with them when the last source is parsed. `--logging=none`, or `null` set in code, leaves logging as it is.
 *
 * Tornado: log.define_logging_options.
 */
export function defineLoggingOptions(parser: OptionParser): void {
  for (const { name, type, default: value, metavar, help } of loggingOptionDefinitions) {
    const settings = { type, default: value, help, group: 'logging', file: '@tornado-ts/log' } as const
    parser.define(name, metavar === undefined ? settings : { ...settings, metavar })
  }
  let enabled: Disposable | undefined
  parser.addParseCallback(() => {
    const values = loggingOptionDefinitions.map(({ name }) => [name, parser.get(name)] as const)
    // The types of the values were checked by the parser.
    const settings = Object.fromEntries(values) as LoggingOptions
    if (!formats.has(settings.logFormat)) {
      throw new OptionError(
        `Option "logFormat" must be "pretty" or "json", not ${JSON.stringify(settings.logFormat)}`,
      )
    }
    // Parsing again must not write every line twice.
    enabled?.[Symbol.dispose]()
    enabled = undefined
    try {
      enabled = enablePrettyLogging(settings)
    } catch (cause) {
      throw new OptionError(`Cannot set logging up: ${(cause as Error).message}`, { cause })
    }
  })
}
