import type { AuthSettings } from '@tornado-ts/auth'
import type { Chat } from './chat.ts'

/** Settings of the application beside those of the framework. */
export interface ChatSettings extends AuthSettings {
  readonly chat: Chat
  /** Whether people may come in by a name alone. */
  readonly guests: boolean
  /** Facebook's name for this application, and its secret; without them there is no login with Facebook. */
  readonly facebookApiKey?: string
  readonly facebookSecret?: string
}
