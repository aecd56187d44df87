import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { enablePrettyLogging } from '@tornado-ts/log'
import { Supervisor, type SupervisorOptions } from './supervisor.ts'

const usage = `Usage:
  tornado-autoreload [options] program.ts [args...]
  tornado-autoreload [options] -m module [args...]

Runs a program, and again whenever a file changes that it has loaded or watches.

Options:
  -m MODULE        run the file that this name of a package leads to
  --until-success  end when the program has ended with status 0
  --node-modules   watch the modules of installed packages too
  --help           show this text

Options of Node come before the command (node --import tsx ...) or in NODE_OPTIONS.
`

/**
 * The command `tornado-autoreload`: runs a program, and again whenever one of its files changes.
 *
 * It ends when the program was ended by a signal to the command, and as the program did; with `--until-success` also when
 * the program has ended with status 0. Arguments that make no sense give one usage text on stderr and status 1.
 *
 * Tornado: autoreload.main.
 *
 * @param args What follows the name of the command.
 */
export async function main(args: readonly string[] = process.argv.slice(2)): Promise<void> {
  const line = parseCommand(args)
  if (line === 'help') {
    process.stdout.write(usage)
    return
  }
  if (typeof line === 'string') {
    process.stderr.write(`tornado-autoreload: ${line}\n${usage}`)
    process.exitCode = 1
    return
  }
  enablePrettyLogging()
  const { status, signal } = await new Supervisor({ ...line, execArgv: process.execArgv }).run()
  if (signal === null) process.exitCode = status ?? 0
  else process.kill(process.pid, signal)
}

/** What is to be run; a text when that cannot be told, or `help` was asked for. */
export function parseCommand(args: readonly string[]): SupervisorOptions | string {
  let untilSuccess = false
  let nodeModules = false
  for (const [index, arg] of args.entries()) {
    const rest = args.slice(index + 1)
    if (arg === '--help' || arg === '-h') return 'help'
    if (arg === '--until-success') untilSuccess = true
    else if (arg === '--node-modules') nodeModules = true
    else if (arg === '-m') {
      const [name, ...programArgs] = rest
      if (name === undefined) return '-m needs the name of a module'
      const program = findModule(name)
      return program === null
        ? `Cannot find module ${name}`
        : { program, args: programArgs, untilSuccess, nodeModules }
    } else if (arg.startsWith('-')) return `Unknown option ${arg}`
    else return { program: resolve(arg), args: rest, untilSuccess, nodeModules }
  }
  return 'No program given'
}

/** The file of a module, as a program in this folder would find it. */
function findModule(name: string): string | null {
  try {
    const path = createRequire(pathToFileURL(join(process.cwd(), 'program.js'))).resolve(name)
    return path === name ? null : path
  } catch {
    return null
  }
}
