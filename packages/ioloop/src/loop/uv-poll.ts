import { createRequire } from 'node:module'
import { getSystemErrorMessage, getSystemErrorName } from 'node:util'
import { isMainThread } from 'node:worker_threads'
import { MissingPackageError } from '../errors.ts'

// libuv's own numbers, from uv.h.
const uvPoll = 8
export const uvReadable = 1
export const uvWritable = 2
export const uvDisconnect = 4

type Pointer = bigint
type Native = (...args: unknown[]) => unknown

/** What we use of koffi. Its own types would make every user of ours install it. */
interface Koffi {
  load(path: null): { func(definition: string): Native }
  proto(definition: string): unknown
  pointer(type: unknown): unknown
  register(callback: (...args: never[]) => void, type: unknown): Pointer
  alloc(type: string, length: number): Pointer
  free(pointer: Pointer): void
}

/** Told of each wake-up; `status` is 0 or a negative error number, after which libuv watches no more. */
type PollListener = (status: number, events: number) => void

let shared: UvPolls | null = null

/**
 * The `uv_poll` functions of the libuv inside Node, loaded on first use.
 *
 * @throws {MissingPackageError} When koffi is not installed.
 * @throws {Error} In a worker: ending one whose loop has native handles open aborts the whole process.
 */
export function uvPolls(): UvPolls {
  if (!isMainThread) throw new Error('Descriptors can be polled on the main thread only')
  shared ??= new UvPolls(loadKoffi())
  return shared
}

/** All polled descriptors of the process. */
export class UvPolls {
  readonly #koffi: Koffi
  readonly #listeners = new Map<Pointer, PollListener>()
  readonly #loop: unknown
  readonly #handleSize: number
  readonly #init: Native
  readonly #start: Native
  readonly #stop: Native
  readonly #close: Native
  readonly #onPoll: Pointer
  readonly #onClose: Pointer

  constructor(koffi: Koffi) {
    const node = koffi.load(null)
    this.#koffi = koffi
    this.#loop = node.func('void* uv_default_loop()')()
    this.#handleSize = Number(node.func('size_t uv_handle_size(int type)')(uvPoll))
    this.#init = node.func('int uv_poll_init(void* loop, void* handle, int fd)')
    this.#start = node.func('int uv_poll_start(void* handle, int events, void* callback)')
    this.#stop = node.func('int uv_poll_stop(void* handle)')
    this.#close = node.func('void uv_close(void* handle, void* callback)')
    // One native callback serves all descriptors: koffi has room for a limited number.
    this.#onPoll = koffi.register(
      (handle: Pointer, status: number, events: number) => {
        this.#listeners.get(handle)?.(status, events)
      },
      koffi.pointer(koffi.proto('void (void* handle, int status, int events)')),
    )
    this.#onClose = koffi.register(
      (handle: Pointer) => {
        koffi.free(handle)
      },
      koffi.pointer(koffi.proto('void (void* handle)')),
    )
  }

  /** @throws {Error} When the descriptor is bad, cannot be polled (a regular file), or Node itself watches it. */
  open(fd: number, listener: PollListener): UvPoll {
    const handle = this.#koffi.alloc('uint8_t', this.#handleSize)
    const status = this.#init(this.#loop, handle, fd)
    if (status !== 0) {
      this.#koffi.free(handle)
      throw systemError(`Cannot poll descriptor ${fd}`, status)
    }
    this.#listeners.set(handle, listener)
    return {
      watch: (events) => {
        const started = events === 0 ? this.#stop(handle) : this.#start(handle, events, this.#onPoll)
        if (started !== 0) throw systemError(`Cannot poll descriptor ${fd}`, started)
      },
      close: () => {
        // The memory belongs to libuv until it says otherwise.
        if (this.#listeners.delete(handle)) this.#close(handle, this.#onClose)
      },
    }
  }
}

/** One polled descriptor. */
export interface UvPoll {
  /** Listens to exactly these events from now on; 0 for none. */
  watch(events: number): void
  close(): void
}

function loadKoffi(): Koffi {
  try {
    const loaded: Koffi = createRequire(import.meta.url)('koffi')
    return loaded
  } catch (cause) {
    throw new MissingPackageError('koffi', 'IOLoop.addHandler', { cause })
  }
}

function systemError(attempt: string, status: unknown): Error {
  const errno = Number(status)
  const code = getSystemErrorName(errno)
  return Object.assign(new Error(`${attempt}: ${code}, ${getSystemErrorMessage(errno)}`), { errno, code })
}
