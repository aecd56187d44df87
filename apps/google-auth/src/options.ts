import type { ClientCredentials } from '@tornado-ts/auth'
import { defineOptions, parseCommandLine, parseConfigFile } from '@tornado-ts/options'

const options = defineOptions(
  {
    port: { default: 8888, help: 'port to listen on; 0 for an unused one' },
    address: { default: '127.0.0.1', help: 'address to listen on' },
    googleOauthKey: { type: 'string', help: 'client id that Google gave you' },
    googleOauthSecret: { type: 'string', help: 'its secret' },
    cookieSecret: { type: 'string', help: 'key of the cookies; without it logins end with the program' },
    config: {
      type: 'string',
      help: 'file with options: JSON, or name = value as Tornado has them',
      callback: (path: string | null) => parseConfigFile(path ?? '', { final: false }),
    },
  },
  { group: 'google-auth' },
)

/** What the program is started with. */
export interface Options {
  readonly port: number
  readonly address: string
  readonly cookieSecret: string | null
  readonly googleOauth: ClientCredentials
}

/** Reads the command line and the file that it names; ends the program with a line when something is wrong. */
export function readOptions(): Options {
  parseCommandLine()
  const { port, address, cookieSecret, googleOauthKey: key, googleOauthSecret: secret } = options
  if (key === null || secret === null) {
    console.error('google-auth: google_oauth_key and google_oauth_secret are required; see --help')
    process.exit(2)
  }
  return { port, address, cookieSecret, googleOauth: { key, secret } }
}
