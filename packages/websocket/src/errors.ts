/** What goes wrong with a WebSocket. Tornado: websocket.WebSocketError. */
export class WebSocketError extends Error {
  override readonly name: string = 'WebSocketError'
}

/** A message cannot be sent: the connection is closed, or closing. Tornado: websocket.WebSocketClosedError. */
export class WebSocketClosedError extends WebSocketError {
  override readonly name: string = 'WebSocketClosedError'

  constructor(message = 'WebSocket is closed', options?: ErrorOptions) {
    super(message, options)
  }
}

/** A message was refused because the peer is too slow: more than `maxQueuedSize` bytes wait for it already. */
export class WebSocketQueueFullError extends WebSocketError {
  override readonly name: string = 'WebSocketQueueFullError'
}

/** A message does not fit its schema. */
export class WebSocketMessageError extends WebSocketError {
  override readonly name: string = 'WebSocketMessageError'
  /** What is wrong with it, as the schema says. */
  readonly issues: readonly { readonly message: string }[]

  constructor(issues: readonly { readonly message: string }[]) {
    super(`Invalid message: ${issues.map(({ message }) => message).join('; ')}`)
    this.issues = issues
  }
}

/** The peer has broken the protocol; `closeCode` is what it is told (RFC 6455 §7.4.1). */
export class WebSocketProtocolError extends WebSocketError {
  override readonly name: string = 'WebSocketProtocolError'
  readonly closeCode: number

  constructor(closeCode: number, message: string, options?: ErrorOptions) {
    super(message, options)
    this.closeCode = closeCode
  }
}
