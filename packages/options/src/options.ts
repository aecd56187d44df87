import { callerFile } from './defining-file.ts'
import { defineLoggingOptions } from './define-logging-options.ts'
import type { HelpStream } from './help.ts'
import type { Option } from './option.ts'
import {
  OptionParser,
  type ParseCommandLineOptions,
  type ParseConfigFileOptions,
  type ParseEnvironmentOptions,
} from './option-parser.ts'
import type { OptionSettings, OptionType, OptionValue } from './option-types.ts'

/**
 * Empty, for programs to declare in it the options that they define by `define` in one module and read as
 * `options.port` in another:
 *
 *     declare module '@tornado-ts/options' {
 *       interface DefinedOptions { port: number }
 *     }
 */
// oxlint-disable-next-line typescript/no-empty-object-type -- programs fill it
export interface DefinedOptions {}

/** The options of the process. */
export type Options = OptionParser & DefinedOptions

const key = Symbol.for('tornado.options.v1')
const holder: { [key]?: Options } & object = globalThis

/**
 * The options of the process, those of logging among them. Two installed copies of this package share them.
 *
 * Tornado: options.options.
 */
export const options: Options = (holder[key] ??= createOptions())

function createOptions(): Options {
  const parser = new OptionParser()
  defineLoggingOptions(parser)
  // What a program declares in it, the program defines.
  return parser as Options
}

/** `options.define`. Tornado: options.define. */
export function define<
  Type extends OptionType | undefined = undefined,
  Default = undefined,
  Multiple extends boolean = false,
>(
  name: string,
  settings: OptionSettings<Type, Default, Multiple> = {},
): Option<OptionValue<Type, Default, Multiple>> {
  return options.define(name, { ...settings, file: settings.file ?? callerFile(define) })
}

/** `options.parseCommandLine`. Tornado: options.parse_command_line. */
export function parseCommandLine(
  args?: readonly string[] | null,
  settings?: ParseCommandLineOptions,
): string[] {
  return options.parseCommandLine(args, settings)
}

/** `options.parseConfigFile`. Tornado: options.parse_config_file. */
export function parseConfigFile(path: string, settings?: ParseConfigFileOptions): void {
  options.parseConfigFile(path, settings)
}

/** `options.parseEnvironment`. */
export function parseEnvironment(settings: ParseEnvironmentOptions): void {
  options.parseEnvironment(settings)
}

/** `options.printHelp`. Tornado: options.print_help. */
export function printHelp(stream?: HelpStream): void {
  options.printHelp(stream)
}

/** `options.addParseCallback`. Tornado: options.add_parse_callback. */
export function addParseCallback(callback: () => void): void {
  options.addParseCallback(callback)
}
