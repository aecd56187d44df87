// @tornado-ts/log

// Loggers
export {
  accessLog,
  addLogHandler,
  appLog,
  genLog,
  getLogger,
  Logger,
  removeLogHandler,
  setLogLevel,
} from './logger.ts'
export { type LogLevel, logLevels, parseLogLevel } from './levels.ts'
export type { LogCaller, LogHandler, LogMessage, LogRecord } from './record.ts'

// Lines
export { LogFormatter, type LogFormatterOptions, type RecordFormatter } from './formatter.ts'

// Where lines go
export { type LogStream, StreamHandler, type StreamHandlerOptions } from './stream-handler.ts'
