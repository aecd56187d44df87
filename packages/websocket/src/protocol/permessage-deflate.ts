import { WebSocketProtocolError } from '../errors.ts'
import type { ExtensionOffer } from './extensions.ts'

/** What both sides have agreed on (RFC 7692 §7.1). */
export interface DeflateAgreement {
  /** Whether this side begins each message it sends with an empty window. */
  readonly noContextTakeover: boolean
  /** Base-2 logarithm of the window that this side compresses with. */
  readonly windowBits: number
  /** The same two of the messages that the peer sends. */
  readonly peerNoContextTakeover: boolean
  readonly peerWindowBits: number
}

/** What one side wants of permessage-deflate. */
export interface DeflateWishes {
  readonly serverNoContextTakeover: boolean
  readonly clientNoContextTakeover: boolean
  /** Largest window of the server, from 9 to 15. */
  readonly serverMaxWindowBits: number
  /** Largest window of the client, from 9 to 15. */
  readonly clientMaxWindowBits: number
}

export const extensionName = 'permessage-deflate'

/** The parameters of an offer or an answer. `true` for one without a value. */
interface Parameters {
  serverNoContextTakeover: boolean
  clientNoContextTakeover: boolean
  serverMaxWindowBits: number | null
  clientMaxWindowBits: number | true | null
}

/**
 * A server's answer to the first offer that it can accept, or `null` when there is none. Offers with what the RFC does not
 * know are declined (RFC 7692 §5.1).
 */
export function acceptDeflate(
  offers: readonly ExtensionOffer[],
  wishes: DeflateWishes,
): { answer: ExtensionOffer; agreement: DeflateAgreement } | null {
  for (const offer of offers) {
    if (offer.name !== extensionName) continue
    const asked = readParameters(offer, true)
    // A window of 8 bits cannot be made by zlib (CVE-2017-14919).
    if (asked === null || (asked.serverMaxWindowBits !== null && asked.serverMaxWindowBits < 9)) continue
    const noContextTakeover = asked.serverNoContextTakeover || wishes.serverNoContextTakeover
    const peerNoContextTakeover = asked.clientNoContextTakeover || wishes.clientNoContextTakeover
    const windowBits = Math.min(asked.serverMaxWindowBits ?? 15, wishes.serverMaxWindowBits)
    const given = asked.clientMaxWindowBits
    // Only a client that says it knows the parameter may be told a size.
    const peerWindowBits =
      given === null ? 15 : Math.min(given === true ? 15 : given, wishes.clientMaxWindowBits)
    const parameters: [string, string | null][] = []
    if (peerWindowBits < 15) parameters.push(['client_max_window_bits', String(peerWindowBits)])
    if (peerNoContextTakeover) parameters.push(['client_no_context_takeover', null])
    if (windowBits < 15 || asked.serverMaxWindowBits !== null) {
      parameters.push(['server_max_window_bits', String(windowBits)])
    }
    if (noContextTakeover) parameters.push(['server_no_context_takeover', null])
    return {
      answer: { name: extensionName, parameters },
      agreement: { noContextTakeover, windowBits, peerNoContextTakeover, peerWindowBits },
    }
  }
  return null
}

/** A client's offer. */
export function offerDeflate(wishes: DeflateWishes): ExtensionOffer {
  const { clientMaxWindowBits, serverMaxWindowBits } = wishes
  const parameters: [string, string | null][] = [
    ['client_max_window_bits', clientMaxWindowBits < 15 ? String(clientMaxWindowBits) : null],
  ]
  if (wishes.clientNoContextTakeover) parameters.push(['client_no_context_takeover', null])
  if (serverMaxWindowBits < 15) parameters.push(['server_max_window_bits', String(serverMaxWindowBits)])
  if (wishes.serverNoContextTakeover) parameters.push(['server_no_context_takeover', null])
  return { name: extensionName, parameters }
}

/**
 * What a client makes of the server's answer to its offer.
 *
 * @throws {WebSocketProtocolError} 1010 when the answer holds what was not offered or is not valid.
 */
export function readDeflateAnswer(
  answers: readonly ExtensionOffer[],
  wishes: DeflateWishes,
): DeflateAgreement {
  const [answer] = answers
  if (answers.length !== 1 || answer?.name !== extensionName) {
    throw new WebSocketProtocolError(1010, 'Server uses extensions that were not offered')
  }
  const given = readParameters(answer, false)
  if (given === null) throw new WebSocketProtocolError(1010, 'Invalid parameters of permessage-deflate')
  const { serverMaxWindowBits, clientMaxWindowBits } = given
  const tooWide = serverMaxWindowBits !== null && serverMaxWindowBits > wishes.serverMaxWindowBits
  const ignored = wishes.serverMaxWindowBits < 15 && serverMaxWindowBits === null
  if (tooWide || ignored) throw new WebSocketProtocolError(1010, 'Server compresses with too large a window')
  if (clientMaxWindowBits !== null && clientMaxWindowBits !== true && clientMaxWindowBits < 9) {
    throw new WebSocketProtocolError(1010, 'Server asks for a window that cannot be had')
  }
  if (wishes.serverNoContextTakeover && !given.serverNoContextTakeover) {
    throw new WebSocketProtocolError(1010, 'Server keeps its window between messages')
  }
  return {
    noContextTakeover: given.clientNoContextTakeover || wishes.clientNoContextTakeover,
    windowBits: Math.min(
      typeof clientMaxWindowBits === 'number' ? clientMaxWindowBits : 15,
      wishes.clientMaxWindowBits,
    ),
    peerNoContextTakeover: given.serverNoContextTakeover,
    peerWindowBits: serverMaxWindowBits ?? 15,
  }
}

/** `null` for an unknown parameter, one that comes twice, and a value that is not as RFC 7692 §7.1 has it. */
function readParameters({ parameters }: ExtensionOffer, isOffer: boolean): Parameters | null {
  const read: Parameters = {
    serverNoContextTakeover: false,
    clientNoContextTakeover: false,
    serverMaxWindowBits: null,
    clientMaxWindowBits: null,
  }
  const seen = new Set<string>()
  for (const [name, value] of parameters) {
    if (seen.has(name)) return null
    seen.add(name)
    if (name === 'server_no_context_takeover' && value === null) read.serverNoContextTakeover = true
    else if (name === 'client_no_context_takeover' && value === null) read.clientNoContextTakeover = true
    else if (name === 'client_max_window_bits' && value === null && isOffer) read.clientMaxWindowBits = true
    else if (value !== null && windowBits.test(value)) {
      if (name === 'server_max_window_bits') read.serverMaxWindowBits = Number(value)
      else if (name === 'client_max_window_bits') read.clientMaxWindowBits = Number(value)
      else return null
    } else return null
  }
  return read
}

const windowBits = /^(?:[89]|1[0-5])$/
