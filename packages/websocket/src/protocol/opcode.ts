/** What a frame is (RFC 6455 §5.2). */
export const opcode = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const

/** The last frame of a message. */
export const finBit = 0x80
/** With permessage-deflate: the message is compressed (RFC 7692 §6). */
export const rsv1Bit = 0x40
export const reservedBits = 0x70
export const opcodeBits = 0x0f
export const maskBit = 0x80
/** Largest payload of a control frame. */
export const maxControlSize = 125
