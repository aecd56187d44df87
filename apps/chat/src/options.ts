import { defineOptions, parseCommandLine, parseConfigFile, parseEnvironment } from '@tornado-ts/options'

const listening = 'Listening'
const keeping = 'Messages'
const people = 'People'

/** The options of the program. */
export const options = defineOptions({
  port: { default: 8888, help: 'port to listen on; 0 for any that is free', group: listening },
  address: { default: '127.0.0.1', help: 'address to listen on; 0.0.0.0 for all', group: listening },
  xheaders: {
    default: false,
    help: 'believe X-Forwarded-For and its kin: behind a proxy, and only there',
    group: listening,
  },
  debug: {
    default: false,
    help: 'reload on changes, and show errors in full on this machine',
    group: listening,
  },
  config: {
    type: 'string',
    help: 'file with options: JSON, or name = value as Tornado has them',
    callback: (path: string | null) => parseConfigFile(path ?? '', { final: false }),
    group: listening,
  },
  database: {
    type: 'string',
    metavar: 'FILE',
    help: 'keep messages in this file, so that they outlive a restart; without it they are in memory',
    group: keeping,
  },
  maxRooms: { default: 1000, help: 'most rooms in memory', group: keeping },
  messageRate: { default: 1, type: 'float', help: 'messages a person may send per second', group: keeping },
  messageBurst: { default: 10, help: 'messages a person may send at once', group: keeping },
  guests: { default: true, help: 'let people in by a name alone', group: people },
  cookieSecret: {
    type: 'string',
    help: 'key of the cookies; without it one is made, and kept in the database if there is one',
    group: people,
  },
  googleKey: { type: 'string', help: 'client id at Google: people can come in with Google', group: people },
  googleSecret: { type: 'string', help: 'its secret', group: people },
  facebookKey: {
    type: 'string',
    help: 'app id at Facebook: people can come in with Facebook',
    group: people,
  },
  facebookSecret: { type: 'string', help: 'its secret', group: people },
})

/** Reads the environment (`CHAT_PORT`), then the command line; ends the program with a line when something is wrong. */
export function readOptions(): typeof options {
  parseEnvironment({ prefix: 'CHAT_', final: false })
  const rest = parseCommandLine()
  const problem = findProblem(options, rest)
  if (problem !== null) {
    console.error(`chat: ${problem}; see --help`)
    process.exit(2)
  }
  return options
}

/** What is wrong with options that can each be had alone; `null` for nothing. */
export function findProblem(
  { port, messageRate, messageBurst, maxRooms, guests, ...keys }: typeof options,
  rest: readonly string[] = [],
): string | null {
  const { googleKey, googleSecret, facebookKey, facebookSecret } = keys
  if (rest.length > 0) return `Unexpected argument ${JSON.stringify(rest[0])}`
  if (port < 0 || port > 65_535) return `--port must be a number from 0 to 65535, not ${port}`
  if (!(messageRate > 0)) return `--message-rate must be above 0, not ${messageRate}`
  if (messageBurst < 1) return `--message-burst must be at least 1, not ${messageBurst}`
  if (maxRooms < 1) return `--max-rooms must be at least 1, not ${maxRooms}`
  if ((googleKey === null) !== (googleSecret === null)) return '--google-key and --google-secret go together'
  if ((facebookKey === null) !== (facebookSecret === null))
    return '--facebook-key and --facebook-secret go together'
  if (!guests && googleKey === null && facebookKey === null)
    return '--guests=false needs --google-key or --facebook-key, or nobody could come in'
  return null
}
