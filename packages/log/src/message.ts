import { inspect } from 'node:util'
import type { LogMessage } from './record.ts'

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The text of a message. Never throws: a message that cannot be made says why. Tornado: log.LogFormatter.format. */
export function messageText(message: LogMessage): string {
  if (typeof message === 'string') return message
  try {
    const made = typeof message === 'function' ? message() : message
    if (typeof made === 'string') return made
    return made instanceof Uint8Array ? bytesText(made) : describe(made)
  } catch (error) {
    return `Bad message (${describe(error)})`
  }
}

/** UTF-8 as text; bytes that are not UTF-8 with everything beyond ASCII shown as `\xe9`. */
function bytesText(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes)
  } catch {
    let text = ''
    for (const byte of bytes) {
      text += byte < 0x80 ? String.fromCharCode(byte) : String.raw`\x${byte.toString(16)}`
    }
    return text
  }
}

/** One line on any value, whatever traps and getters it has. */
export function describe(value: unknown): string {
  try {
    return value instanceof Error
      ? `${value.name}: ${value.message}`
      : inspect(value, { depth: 2, breakLength: Infinity })
  } catch {
    return `an undescribable ${typeof value}`
  }
}
