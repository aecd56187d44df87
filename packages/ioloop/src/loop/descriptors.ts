import { AsyncLocalStorage } from 'node:async_hooks'
import { closeSync } from 'node:fs'
import { type Callback, runCallback } from './run-callback.ts'
import { uvDisconnect, type UvPoll, uvPolls, uvReadable, uvWritable } from './uv-poll.ts'

/** Something that has a file descriptor of the system. */
export interface HasFileno {
  fileno(): number
}

/** What {@link IOLoop.addHandler} can poll. */
export type Pollable = number | HasFileno

/** Gets what it was registered with, and one of `IOLoop.READ`, `IOLoop.WRITE` and `IOLoop.ERROR`. */
export type DescriptorHandler<Source extends Pollable> = Callback<[source: Source, events: number]>

export const readEvent = 1
export const writeEvent = 4
export const errorEvent = 24

const kinds = [readEvent, writeEvent, errorEvent]

/** The handlers of one loop, by descriptor. */
export class Descriptors {
  readonly #byFd = new Map<number, Registration>()

  add<Source extends Pollable>(source: Source, handler: DescriptorHandler<Source>, events: number): void {
    const fd = filenoOf(source)
    if (this.#byFd.has(fd)) throw new RangeError(`Descriptor ${fd} has a handler already`)
    const registration = new Registration(fd, source, (ready) => {
      runCallback(handler, [source, ready])
    })
    registration.watch(events)
    this.#byFd.set(fd, registration)
  }

  update(source: Pollable, events: number): void {
    const registration = this.#find(source)
    if (registration === null) throw new RangeError(`Descriptor ${filenoOf(source)} has no handler`)
    registration.watch(events)
  }

  remove(source: Pollable): void {
    const registration = this.#find(source)
    if (registration === null) return
    this.#byFd.delete(registration.fd)
    registration.close()
  }

  /** Removes all handlers, and with `closeSources` closes what they were registered with. */
  close(closeSources: boolean): void {
    for (const { source } of this.#byFd.values()) {
      this.remove(source)
      if (closeSources) closeDescriptor(source)
    }
  }

  #find(source: Pollable): Registration | null {
    const found = this.#byFd.get(filenoOf(source))
    if (found !== undefined) return found
    // An object that was closed has lost its number.
    return [...this.#byFd.values()].find((registration) => registration.source === source) ?? null
  }
}

class Registration {
  readonly fd: number
  readonly source: Pollable
  readonly #poll: UvPoll
  readonly #notify: (events: number) => void
  #interest = 0
  #ready = 0
  #closed = false

  constructor(fd: number, source: Pollable, notify: (events: number) => void) {
    this.fd = fd
    this.source = source
    const inContext = AsyncLocalStorage.snapshot()
    this.#notify = (events) => {
      inContext(notify, events)
    }
    this.#poll = uvPolls().open(fd, (status, events) => {
      this.#collect(status < 0 ? this.#interest | errorEvent : toLoopEvents(events))
    })
  }

  watch(events: number): void {
    this.#interest = events
    try {
      this.#poll.watch(toUvEvents(events))
    } catch (error) {
      this.close()
      throw error
    }
  }

  close(): void {
    this.#closed = true
    this.#poll.close()
  }

  // libuv calls from outside of any JavaScript, where promises would not go on until something else ran.
  // The immediate comes before the next poll, so a descriptor cannot be reported twice for one event.
  #collect(events: number): void {
    if (this.#ready === 0) setImmediate(this.#deliver)
    this.#ready |= events
  }

  readonly #deliver = (): void => {
    const ready = this.#ready
    this.#ready = 0
    for (const kind of kinds) {
      const wanted = kind === errorEvent || (this.#interest & kind) !== 0
      if (wanted && (ready & kind) !== 0 && !this.#closed) this.#notify(kind)
    }
  }
}

/** Tornado: IOLoop.split_fd. */
export function filenoOf(source: Pollable): number {
  return typeof source === 'number' ? source : source.fileno()
}

/** An error of the system, as for a descriptor that is closed already, is not passed on. Tornado: IOLoop.close_fd. */
export function closeDescriptor(source: Pollable): void {
  try {
    if (typeof source === 'number') closeSync(source)
    else if ('close' in source && typeof source.close === 'function') source.close()
    else closeSync(source.fileno())
  } catch (error) {
    if (!(error instanceof Error && 'errno' in error)) throw error
  }
}

function toUvEvents(events: number): number {
  return (
    ((events & readEvent) === 0 ? 0 : uvReadable) |
    ((events & writeEvent) === 0 ? 0 : uvWritable) |
    ((events & errorEvent) === 0 ? 0 : uvDisconnect)
  )
}

function toLoopEvents(events: number): number {
  return (
    ((events & uvReadable) === 0 ? 0 : readEvent) |
    ((events & uvWritable) === 0 ? 0 : writeEvent) |
    ((events & uvDisconnect) === 0 ? 0 : errorEvent)
  )
}
