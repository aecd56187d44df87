import { randomBytes } from 'node:crypto'
import { makeApplication } from './application.ts'
import { readOptions } from './options.ts'

const { port, address, cookieSecret, googleOauth } = readOptions()
const application = makeApplication({
  googleOauth,
  cookieSecret: cookieSecret ?? randomBytes(32).toString('base64'),
})
const server = application.listen(port, { address })
const stopped = server.stopOnSignals()
console.log(`Listening on ${await server.url()} (stop with Ctrl-C)`)
await stopped
