import type { Application } from '@tornado-ts/web'
import type { WebSocketHandler } from '../src/index.ts'

/** A class of WebSocket handlers that tests can extend. */
export interface WebSocketHandlerClass {
  new (application: Application, request: ConstructorParameters<typeof WebSocketHandler>[1]): WebSocketHandler
  readonly SUPPORTED_METHODS: readonly string[]
}
