import { randomBytes } from 'node:crypto'
import { makeApplication } from './application.ts'
import { readOptions } from './options.ts'
import { BlogStore } from './store/blog-store.ts'

const { port, address, xheaders, ...options } = readOptions()
const store = new BlogStore(options.database)
const application = makeApplication({
  store,
  blogTitle: options.title,
  siteUrl: options.siteUrl,
  openSignUp: options.openSignUp,
  debug: options.debug,
  cookieSecret: options.cookieSecret ?? store.secret('cookie', () => randomBytes(32).toString('base64')),
})
const server = application.listen(port, { address, xheaders, maxBodySize: 1_048_576 })
const stopped = server.stopOnSignals()
console.log(`Listening on ${await server.url()} (stop with Ctrl-C)`)
await stopped
store.close()
