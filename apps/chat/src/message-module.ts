import { UIModule } from '@tornado-ts/web'
import type { Message } from './rooms/message.ts'
import type { ChatSettings } from './settings.ts'

/** A message in a page; without one, what the page's script makes further messages from. */
export class MessageModule extends UIModule<ChatSettings> {
  override render(message: Message | null, me: string | null = null): string {
    return this.renderString('modules/message.html', {
      message,
      isMine: message !== null && message.person === me,
      date: message === null ? '' : new Date(message.at).toISOString(),
    })
  }
}
