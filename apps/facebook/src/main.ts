import { randomBytes } from 'node:crypto'
import { defineOptions, parseCommandLine, parseConfigFile } from '@tornado-ts/options'
import { makeApplication } from './application.ts'

const options = defineOptions(
  {
    port: { default: 8888, help: 'port to listen on; 0 for an unused one' },
    address: { default: '127.0.0.1', help: 'address to listen on' },
    facebookApiKey: { type: 'string', help: 'app id that Facebook gave you' },
    facebookSecret: { type: 'string', help: 'its secret' },
    cookieSecret: { type: 'string', help: 'key of the cookies; without it logins end with the program' },
    config: {
      type: 'string',
      help: 'file with options: JSON, or name = value as Tornado has them',
      callback: (path: string | null) => parseConfigFile(path ?? '', { final: false }),
    },
  },
  { group: 'facebook' },
)
parseCommandLine()

const { port, address, facebookApiKey, facebookSecret } = options
if (facebookApiKey === null || facebookSecret === null) {
  console.error('facebook: --facebook-api-key and --facebook-secret are required; see --help')
  process.exit(2)
}
const cookieSecret = options.cookieSecret ?? randomBytes(32).toString('base64')
const server = makeApplication({ facebookApiKey, facebookSecret, cookieSecret }).listen(port, { address })
const stopped = server.stopOnSignals()
console.log(`Listening on ${await server.url()} (stop with Ctrl-C)`)
await stopped
