// @tornado-ts/options

// The options of the process
export {
  addParseCallback,
  define,
  type DefinedOptions,
  type Options,
  options,
  parseCommandLine,
  parseConfigFile,
  parseEnvironment,
  printHelp,
} from './options.ts'
export {
  defineOptions,
  type DefineOptionsOptions,
  type OptionsSchema,
  type OptionValues,
} from './define-options.ts'
export { defineLoggingOptions } from './define-logging-options.ts'

// Sets of options
export {
  OptionParser,
  type OptionParserOptions,
  type ParseCommandLineOptions,
  type ParseConfigFileOptions,
  type ParseEnvironmentOptions,
  type ParseOptions,
} from './option-parser.ts'
export { Option } from './option.ts'
export type { OptionSettings, OptionType, OptionTypeName, OptionTypes, OptionValue } from './option-types.ts'
export type { HelpStream } from './help.ts'
export type { MockableOptions } from './mockable.ts'

// Errors
export { HelpRequested, OptionError, type OptionErrorOptions } from './errors.ts'
