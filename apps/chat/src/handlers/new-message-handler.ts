import { randomUUID } from 'node:crypto'
import { localPath } from '@tornado-ts/auth'
import { RequestHandler } from '@tornado-ts/web'
import type { ChatSettings } from '../settings.ts'
import { placeOf } from './room-argument.ts'

/** `POST /a/message/new`: says something, by `body`, in `room`. Answers the message; a form without a script is sent back to `next`. */
export class NewMessageHandler extends RequestHandler<ChatSettings> {
  override post(): void {
    const { person, room } = placeOf(this)
    const text = this.getBodyArgument('body', '')
    const nonce = this.getBodyArgument('nonce', null) ?? randomUUID()
    const outcome = this.settings.chat.say(person, room, text, nonce)
    if ('accepted' in outcome) {
      const next = this.getBodyArgument('next', null)
      if (next === null) this.write({ ...outcome.accepted })
      else this.redirect(localPath(next), { status: 303 })
      return
    }
    this.setStatus(outcome.refused === 'rate' ? 429 : 400)
    if (outcome.refused === 'rate') this.setHeader('Retry-After', Math.ceil(outcome.retryAfterMs / 1000))
    this.write({ ...outcome })
  }
}
