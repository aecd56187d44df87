// @tornado-ts/log

// Loggers
export {
  accessLog,
  addLogContext,
  addLogHandler,
  appLog,
  genLog,
  getLogger,
  Logger,
  removeLogHandler,
  setLogLevel,
} from './logger.ts'
export { type LogLevel, logLevels, parseLogLevel } from './levels.ts'
export type { LogCaller, LogContext, LogHandler, LogMessage, LogRecord } from './record.ts'

// Set-up from options
export { enablePrettyLogging, type LoggingOptions } from './pretty-logging.ts'
export { type LoggingOptionDefinition, loggingOptionDefinitions } from './option-table.ts'

// Lines
export { LogFormatter, type LogFormatterOptions, type RecordFormatter } from './formatter.ts'
export { JSONFormatter, type JSONFormatterOptions } from './json-formatter.ts'
export { escapeControls } from './controls.ts'

// Where lines go
export { type LogStream, StreamHandler, type StreamHandlerOptions } from './stream-handler.ts'
export { FileHandler, type FileHandlerOptions, type LogRotation } from './file-handler.ts'
export { SizeRotation, type SizeRotationOptions } from './size-rotation.ts'
export { TimeRotation, type TimeRotationOptions } from './time-rotation.ts'
export {
  ConsoleHandler,
  type ConsoleHandlerOptions,
  type ConsoleLike,
  PinoHandler,
  type PinoHandlerOptions,
  type PinoLogger,
} from './adapters.ts'
