import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { loadTranslations } from '@tornado-ts/locale'
import { localesPath, makeApplication } from './application.ts'
import { Chat } from './chat.ts'
import { readOptions } from './options.ts'
import { openStore } from './store/open-store.ts'

const options = readOptions()
const { port, address, xheaders, debug, guests, maxRooms, googleKey, googleSecret } = options
const { facebookKey, facebookSecret } = options
loadTranslations(fileURLToPath(localesPath))
const store = await openStore(options.database)
const chat = new Chat(store, {
  messageRate: { perSecond: options.messageRate, burst: options.messageBurst },
  maxRooms,
})
const application = makeApplication({
  chat,
  guests,
  debug,
  cookieSecret: options.cookieSecret ?? store.secret('cookie', () => randomBytes(32).toString('base64')),
  ...(googleKey !== null && googleSecret !== null
    ? { googleOauth: { key: googleKey, secret: googleSecret } }
    : {}),
  ...(facebookKey !== null && facebookSecret !== null ? { facebookApiKey: facebookKey, facebookSecret } : {}),
})
const server = application.listen(port, { address, xheaders, maxBodySize: 65_536 })
server.closing.addEventListener('abort', () => chat.stopWaiting())
const stopped = server.stopOnSignals()
console.log(`Listening on ${await server.url()} (stop with Ctrl-C)`)
await stopped
chat.close()
