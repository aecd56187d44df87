import { WebSocketHandler, type CompressionOptions } from '@tornado-ts/websocket'
import type { ChatSettings } from '../settings.ts'
import { numberArgument, placeOf, type Place } from './room-argument.ts'

/** `/a/message/socket`: both directions. A page says `{ nonce, text }`, and is told what became of it and what else happens. */
export class SocketHandler extends WebSocketHandler<ChatSettings> {
  #place: Place | null = null
  #leave: (() => void) | null = null

  override prepare(): void {
    this.#place = placeOf(this)
  }

  override getCompressionOptions(): CompressionOptions {
    return compression
  }

  override open(): void {
    const { person, room } = this.#place!
    this.#leave = room.enter(person)
    void this.writeMessage(room.news({ cursor: numberArgument(this, 'cursor', 0), people: 0 })!)
    room.sockets.subscribe(this)
  }

  override onMessage(message: string | Buffer): void {
    const said = parseSaid(message)
    if (said === null) {
      this.close(1007, 'not a message')
      return
    }
    const { person, room } = this.#place!
    const outcome = this.settings.chat.say(person, room, said.text, said.nonce)
    if ('accepted' in outcome) {
      const { id, nonce } = outcome.accepted
      void this.writeMessage({ accepted: { id, nonce } })
    } else void this.writeMessage({ ...outcome, nonce: said.nonce })
  }

  override onClose(): void {
    this.#leave?.()
  }
}

const compression: CompressionOptions = {}

function parseSaid(message: string | Buffer): { readonly nonce?: unknown; readonly text?: unknown } | null {
  if (typeof message !== 'string') return null
  try {
    const value: unknown = JSON.parse(message)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null
  } catch {
    return null
  }
}
