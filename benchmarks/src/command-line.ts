import { parseArgs } from 'node:util'

/** What the command line asks for. */
export interface CommandLine {
  /** Cases; none means all. */
  readonly cases: string[]
  /** Servers; none means all. */
  readonly servers: string[]
  /** As short as still tells something: the whole run ends within a minute. */
  readonly quick: boolean
  readonly rounds: number | undefined
  readonly roundMs: number | undefined
  /** The program that makes HTTP load. */
  readonly load: string | undefined
  /** A server to take a CPU profile of, instead of comparing. */
  readonly profile: string | undefined
  readonly build: boolean
  readonly write: boolean
  readonly list: boolean
  readonly help: boolean
}

export const usageText = `Usage: pnpm bench [case…] [options]

A case is named whole (hello-plain) or by what several begin with (hello).

  --quick            all of it within a minute, less exact
  --servers a,b      only these servers
  --rounds N         rounds counted for each server
  --seconds S        length of a round
  --load TOOL        wrk or autocannon
  --profile SERVER   a CPU profile of this server under the load of one case, instead of a comparison
  --no-build         measure the packages as they were built last
  --no-write         leave RESULTS.md as it is
  --list             the names of the cases and servers`

/** @throws {TypeError} On an option that is not known, or a value that is not right. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: args.filter((arg) => arg !== '--'),
    allowPositionals: true,
    allowNegative: true,
    options: {
      quick: { type: 'boolean', default: false },
      servers: { type: 'string', default: '' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      load: { type: 'string' },
      profile: { type: 'string' },
      build: { type: 'boolean', default: true },
      write: { type: 'boolean', default: true },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  })
  const rounds = positive('rounds', values.rounds)
  if (rounds !== undefined && !Number.isInteger(rounds))
    throw new TypeError(`--rounds wants a whole number: ${rounds}`)
  const seconds = positive('seconds', values.seconds)
  return {
    ...values,
    cases: positionals,
    servers: values.servers.split(',').filter((name) => name !== ''),
    rounds,
    roundMs: seconds === undefined ? undefined : seconds * 1000,
    load: values.load,
    profile: values.profile,
  }
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (!(value > 0 && value < Infinity)) throw new TypeError(`--${name} wants a number above 0: ${text}`)
  return value
}
