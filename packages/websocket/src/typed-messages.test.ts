import type { StandardSchema } from '@tornado-ts/web'
import { expect, it } from 'vitest'
import { serve } from '../test/serve.ts'
import { websocketConnect, WebSocketHandler, type WebSocketMessageError } from './index.ts'

interface Move {
  readonly x: number
}

/** As libraries make them; waits before it answers when `later` is set. */
function moves(later: boolean): StandardSchema<unknown, Move> {
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate(value) {
        const { x } = (value ?? {}) as { x?: unknown }
        const result =
          typeof x === 'number' ? { value: { x: x + 1 } } : { issues: [{ message: 'x must be a number' }] }
        return later ? Promise.resolve(result) : result
      },
    },
  }
}

for (const later of [false, true]) {
  it(`messages are held against a schema that answers ${later ? 'later' : 'at once'}`, async () => {
    const schema = moves(later)
    class Game extends WebSocketHandler<object, Move> {
      override get messageSchema(): StandardSchema<unknown, Move> {
        return schema
      }
      override onMessage({ x }: Move): void {
        void this.writeMessage({ x })
      }
    }
    class Lenient extends Game {
      override onInvalidMessage(message: string | Buffer, error: WebSocketMessageError): void {
        void this.writeMessage({ error: error.message, message: String(message) })
      }
    }
    const { url } = await serve([
      ['/strict', Game],
      ['/lenient', Lenient],
    ])
    const lenient = await websocketConnect(`${url}/lenient`)
    for (const message of ['{"x":1}', '{"x":"1"}', 'no json', Buffer.from('{"x":1}'), '{"x":2}'])
      void lenient.writeMessage(message)
    const answers = []
    for (let index = 0; index < 5; index++) answers.push(JSON.parse(String(await lenient.readMessage())))
    expect(answers).toEqual([
      { x: 2 },
      { error: 'Invalid message: x must be a number', message: '{"x":"1"}' },
      { error: 'Invalid message: not JSON', message: 'no json' },
      { error: 'Invalid message: expected text', message: '{"x":1}' },
      { x: 3 },
    ])
    await lenient[Symbol.asyncDispose]()
    for (const [message, code] of [
      ['no json', 1007],
      [Buffer.from('{}'), 1003],
    ] as const) {
      const strict = await websocketConnect(`${url}/strict`)
      void strict.writeMessage(message)
      expect(await strict.readMessage()).toBeNull()
      expect(strict.closeCode).toBe(code)
    }
  })
}
