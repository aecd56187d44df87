import type { DeflateAgreement, DeflateWishes } from '../protocol/permessage-deflate.ts'
import { compressionBudget } from './compression-limits.ts'
import type { ResolvedCompression } from './compression-options.ts'
import { MessageCodec } from './message-codec.ts'
import { contextSize, type ContextCallback, type ContextOptions } from './zlib-context.ts'

/** A connection's compression, as both sides have agreed. */
export class MessageCompression {
  readonly threshold: number
  readonly options: ContextOptions
  readonly #takeover: boolean
  readonly #outgoing: MessageCodec
  readonly #incoming: MessageCodec
  #reserved: number

  constructor(agreement: DeflateAgreement, { level, memLevel, threshold }: ResolvedCompression) {
    this.threshold = threshold
    this.options = { kind: 'deflate', windowBits: agreement.windowBits, level, memLevel }
    const inflate: ContextOptions = { kind: 'inflate', windowBits: agreement.peerWindowBits, level, memLevel }
    this.#takeover = !agreement.noContextTakeover
    this.#outgoing = new MessageCodec(this.options, this.#takeover)
    this.#incoming = new MessageCodec(inflate, !agreement.peerNoContextTakeover)
    this.#reserved = agreementSize(agreement, memLevel)
    compressionBudget.memorySize += this.#reserved
  }

  compress(payload: Buffer, done: ContextCallback): void {
    this.#outgoing.compress(payload, done)
  }

  inflate(payload: Buffer, maxSize: number, done: ContextCallback): void {
    this.#incoming.inflate(payload, maxSize, done)
  }

  /**
   * Something was sent that another context has compressed: it is in the peer's window and not in ours, so that what
   * follows must not reach back beyond it.
   */
  sentFromElsewhere(): void {
    if (this.#takeover) this.#outgoing.resetWindow()
  }

  close(): void {
    this.#outgoing.close()
    this.#incoming.close()
    compressionBudget.release(this.#reserved)
    this.#reserved = 0
  }
}

/** What a server wishes for the next connection: windows that outlive a message only while there is memory for them. */
export function affordableWishes(wishes: ResolvedCompression): DeflateWishes {
  const size = agreementSize(
    {
      noContextTakeover: wishes.serverNoContextTakeover,
      windowBits: wishes.serverMaxWindowBits,
      peerNoContextTakeover: wishes.clientNoContextTakeover,
      peerWindowBits: wishes.clientMaxWindowBits,
    },
    wishes.memLevel,
  )
  if (compressionBudget.memorySize + size <= compressionBudget.maxMemorySize) return wishes
  return { ...wishes, serverNoContextTakeover: true, clientNoContextTakeover: true }
}

function agreementSize(agreement: DeflateAgreement, memLevel: number): number {
  const { noContextTakeover, windowBits, peerNoContextTakeover, peerWindowBits } = agreement
  const outgoing = noContextTakeover ? 0 : contextSize({ kind: 'deflate', windowBits, level: 0, memLevel })
  const incoming = peerNoContextTakeover
    ? 0
    : contextSize({ kind: 'inflate', windowBits: peerWindowBits, level: 0, memLevel })
  return outgoing + incoming
}
