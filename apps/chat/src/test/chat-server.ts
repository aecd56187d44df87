import { fileURLToPath } from 'node:url'
import { loadTranslations } from '@tornado-ts/locale'
import type { HTTPServer } from '@tornado-ts/httpserver'
import { localesPath, makeApplication, type ChatApplicationSettings } from '../application.ts'
import { Chat, type ChatOptions } from '../chat.ts'
import { MemoryStore } from '../store/memory-store.ts'
import { Browser } from './browser.ts'

/** A chat that is served for one test. */
export class ChatServer implements AsyncDisposable {
  readonly chat: Chat
  readonly server: HTTPServer
  readonly url: string

  private constructor(chat: Chat, server: HTTPServer, url: string) {
    this.chat = chat
    this.server = server
    this.url = url
  }

  static async start({
    settings = {},
    ...options
  }: ChatOptions & { settings?: Partial<ChatApplicationSettings> } = {}): Promise<ChatServer> {
    loadTranslations(fileURLToPath(localesPath))
    const chat = new Chat(new MemoryStore(), options)
    const application = makeApplication({
      chat,
      guests: true,
      cookieSecret: 'for a test',
      logFunction: () => {},
      ...settings,
    })
    const server = application.listen(0, { address: '127.0.0.1' })
    return new ChatServer(chat, server, await server.url())
  }

  /** Somebody who has come in. */
  async person(name: string): Promise<Browser> {
    const browser = new Browser(this.url)
    await browser.login(name)
    return browser
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.chat.close()
    await this.server[Symbol.asyncDispose]()
  }
}
