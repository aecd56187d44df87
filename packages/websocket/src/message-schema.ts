import type { StandardResult, StandardSchema } from '@tornado-ts/web'
import { WebSocketMessageError } from './errors.ts'

/** Who gets messages that were held against a schema. */
export interface TypedReceiver<Message> {
  onMessage(message: Message): void | Promise<void>
  onInvalidMessage(message: string | Buffer, error: Error): void | Promise<void>
}

/** Parses a message, holds it against the schema and hands on what comes of it. */
export function readTypedMessage<Message>(
  receiver: TypedReceiver<Message>,
  schema: StandardSchema<unknown, Message>,
  message: string | Buffer,
): void | Promise<void> {
  if (typeof message !== 'string') {
    return receiver.onInvalidMessage(message, new WebSocketMessageError([{ message: 'expected text' }]))
  }
  let value: unknown
  try {
    value = JSON.parse(message)
  } catch {
    return receiver.onInvalidMessage(message, new WebSocketMessageError([{ message: 'not JSON' }]))
  }
  const result = schema['~standard'].validate(value)
  const deliver = (checked: StandardResult<Message>): void | Promise<void> =>
    checked.issues === undefined
      ? receiver.onMessage(checked.value)
      : receiver.onInvalidMessage(message, new WebSocketMessageError(checked.issues))
  return result instanceof Promise ? result.then(deliver) : deliver(result)
}
