import { AsyncLocalStorage } from 'node:async_hooks'
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import { appLog } from '@tornado-ts/log'
import { runCallback } from './run-callback.ts'

/** What a loop lets another thread call, by name. */
// oxlint-disable-next-line typescript/no-explicit-any -- parameters are compared one by one where they are used
export type RemoteCallbacks = Record<string, (...args: any[]) => unknown>

declare const offered: unique symbol

/**
 * A way into a loop for one other thread: a `MessagePort`, to be put into `transferList`, that carries the types of the
 * callbacks behind it. Each thread needs its own. Closing it, here or there, ends it.
 */
export type LoopHandle<Callbacks extends RemoteCallbacks> = MessagePort & {
  readonly [offered]?: Callbacks
}

type Post = [name: string, args: unknown[]]

/**
 * The loop of another thread, seen through the handle that thread made with {@link IOLoop.handle}.
 *
 * @example
 * const loop = new RemoteLoop<LoopCallbacks>(workerData.handle)
 * loop.addCallback('progress', 0.5)
 */
export class RemoteLoop<Callbacks extends RemoteCallbacks> implements Disposable {
  readonly #port: MessagePort

  constructor(handle: LoopHandle<Callbacks>) {
    this.#port = handle
  }

  /**
   * Runs a callback on the other loop, after those this thread added before. Arguments are copied (structured clone).
   * A call is not lost when this thread ends right after; once the other loop is closed, it is ignored.
   *
   * @throws {DOMException} `DataCloneError`, when an argument cannot be copied.
   */
  addCallback<Name extends keyof Callbacks & string>(name: Name, ...args: Parameters<Callbacks[Name]>): void {
    this.#port.postMessage([name, args])
  }

  close(): void {
    this.#port.close()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** The receiving ends of the handles of one loop. */
export class HandlePorts {
  readonly #open = new Map<MessagePort, (post: Post) => void>()

  create<Callbacks extends RemoteCallbacks>(callbacks: Callbacks): LoopHandle<Callbacks> {
    const { port1: port, port2: handle } = new MessageChannel()
    const inContext = AsyncLocalStorage.snapshot()
    const receive = ([name, args]: Post): void => {
      const callback = Object.hasOwn(callbacks, name) ? callbacks[name] : undefined
      if (callback === undefined) appLog.error(() => `Loop handle has no callback ${name}`)
      else inContext(runCallback, callback, args)
    }
    this.#open.set(port, receive)
    port.on('message', receive)
    port.on('messageerror', (error) => {
      appLog.error('Cannot read a call from another thread', error)
    })
    port.on('close', () => this.#open.delete(port))
    return handle
  }

  /** Runs the calls that have been posted, then takes no more. */
  close(): void {
    for (const [port, receive] of this.#open) {
      let posted = receiveMessageOnPort(port)
      while (posted !== undefined) {
        receive(posted.message)
        posted = receiveMessageOnPort(port)
      }
      port.close()
    }
    this.#open.clear()
  }
}
