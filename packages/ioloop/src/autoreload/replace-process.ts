import { spawn } from 'node:child_process'

/**
 * Starts this program again with the same Node, options and arguments, in its place.
 *
 * On POSIX systems the process stays the same one. Windows has no such call: there a new process starts, and this one ends.
 */
export function replaceProcess(): void {
  const args = [...process.execArgv, ...process.argv.slice(1)]
  // oxlint-disable-next-line node/no-process-env -- handed on as it is
  const { env } = process
  if (process.execve !== undefined && process.platform !== 'win32') {
    process.execve(process.execPath, [process.execPath, ...args], env)
  }
  spawn(process.execPath, args, { stdio: 'inherit', env }).once('spawn', () => process.exit(0))
}
