import { appLog } from '@tornado-ts/log'
import type { HandlerBase, HandlerMixin } from './handler-base.ts'

/**
 * Leaves queries out of the log lines about a class of handlers: providers send users back with codes and tokens in them.
 */
export function withQuietLogs<Base extends HandlerBase>(base: Base): HandlerMixin<Base, object> {
  class WithQuietLogs extends base {
    override requestSummary(): string {
      const { method, path, query, remoteIp } = this.request
      return `${method} ${path}${query === '' ? '' : '?…'} (${remoteIp})`
    }

    override logException(error: unknown): void {
      // Errors with a status are logged by their summary; for others the whole request would be.
      if (typeof error === 'object' && error !== null && 'statusCode' in error) super.logException(error)
      else appLog.error(`Uncaught exception ${this.requestSummary()}`, error)
    }
  }
  return WithQuietLogs as never
}
