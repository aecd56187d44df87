import { fileURLToPath } from 'node:url'

/** The path of the file that called `hidden`; empty where that is not known. */
export function callerFile(hidden: (...parameters: never[]) => unknown): string {
  const { prepareStackTrace, stackTraceLimit } = Error
  const holder: { stack?: unknown } = {}
  try {
    Error.stackTraceLimit = 1
    Error.prepareStackTrace = (_error, frames) => frames[0]?.getFileName() ?? ''
    Error.captureStackTrace(holder, hidden)
    const { stack } = holder
    const file = typeof stack === 'string' ? stack : ''
    return file.startsWith('file:') ? fileURLToPath(file) : file
  } finally {
    Error.stackTraceLimit = stackTraceLimit
    if (prepareStackTrace === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace')
    else Error.prepareStackTrace = prepareStackTrace
  }
}
