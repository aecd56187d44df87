import type { LoggingOptions } from './pretty-logging.ts'

/** An option that a command line or a configuration file can hold, as data for an option parser. */
export interface LoggingOptionDefinition {
  readonly name: keyof LoggingOptions
  readonly type: 'string' | 'int' | 'bool'
  /** `null`: not set. */
  readonly default: string | number | boolean | null
  /** What stands for the value in a help text. */
  readonly metavar?: string
  readonly help: string
}

/** The options of {@link enablePrettyLogging}. Tornado: log.define_logging_options. */
export const loggingOptionDefinitions: readonly LoggingOptionDefinition[] = [
  {
    name: 'logging',
    type: 'string',
    default: 'info',
    metavar: 'debug|info|warning|error|critical|none',
    help: 'Log messages of this level and above; none leaves the logging configuration untouched',
  },
  {
    name: 'logToStderr',
    type: 'bool',
    default: null,
    help: 'Send log output to stderr, in colours if it can; by default only if nothing else receives it',
  },
  {
    name: 'logFilePrefix',
    type: 'string',
    default: null,
    metavar: 'PATH',
    help: 'Path of the log file; with several processes each needs a path of its own',
  },
  {
    name: 'logFileMaxSize',
    type: 'int',
    default: 100_000_000,
    help: 'Bytes after which the log file is rotated',
  },
  { name: 'logFileNumBackups', type: 'int', default: 10, help: 'Rotated log files to keep' },
  {
    name: 'logRotateWhen',
    type: 'string',
    default: 'midnight',
    metavar: 'S|M|H|D|midnight|W0-W6',
    help: 'Unit of time-based rotation',
  },
  { name: 'logRotateInterval', type: 'int', default: 1, help: 'Units between two time-based rotations' },
  {
    name: 'logRotateMode',
    type: 'string',
    default: 'size',
    metavar: 'size|time',
    help: 'What rotates log files',
  },
  {
    name: 'logFormat',
    type: 'string',
    default: 'pretty',
    metavar: 'pretty|json',
    help: 'Form of the log lines',
  },
]
