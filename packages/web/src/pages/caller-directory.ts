import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The directory of the source file that called `callee`, a function that is being called; `null` when it cannot be told. */
export function callerDirectory(callee: (...args: never[]) => unknown): string | null {
  const { prepareStackTrace, stackTraceLimit } = Error
  const holder: { stack?: unknown } = {}
  try {
    Error.stackTraceLimit = 1
    Error.prepareStackTrace = (_error, frames) => frames
    Error.captureStackTrace(holder, callee)
    const [frame] = holder.stack as NodeJS.CallSite[]
    const file = frame?.getFileName() ?? frame?.getScriptNameOrSourceURL() ?? ''
    if (file.startsWith('file:')) return dirname(fileURLToPath(file))
    return file.startsWith('/') || /^[A-Za-z]:[\\/]/.test(file) ? dirname(file) : null
  } finally {
    if (prepareStackTrace === undefined) Reflect.deleteProperty(Error, 'prepareStackTrace')
    else Error.prepareStackTrace = prepareStackTrace
    Error.stackTraceLimit = stackTraceLimit
  }
}
