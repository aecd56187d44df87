import { allocate, loadKoffi, type Pointer } from './koffi.ts'

/** A socket that something happened to. */
export type ReadyListener = (fd: number, serial: number, events: number) => void

/** What `epoll` watches for and reports (`EPOLLIN`, …). */
export const epollEvent = { input: 0x1, output: 0x4, error: 0x8, hangUp: 0x10 } as const

/** Functions of Linux that watch many descriptors through one. */
interface EpollFunctions {
  readonly create: (flags: number) => number
  readonly control: (epoll: number, what: number, fd: number, event: Pointer) => number
  readonly wait: (epoll: number, events: Pointer, size: number, timeoutMs: number) => number
  readonly close: (fd: number) => number
  /** `struct epoll_event`: one for what is to be watched, then {@link batchSize} for what is reported. */
  readonly events: Pointer
  readonly words: Uint32Array
}

/** A set of watched descriptors of the kernel, which is a descriptor itself: ready when one of them is. Linux alone. */
export class Epoll {
  readonly fd: number
  readonly #functions: EpollFunctions = (functions ??= loadFunctions())

  /** @throws {Error} When there is no descriptor left. */
  constructor() {
    this.fd = this.#functions.create(closeOnExec)
    if (this.fd < 0) throw new Error('Cannot make an epoll: there are too many open descriptors')
  }

  /** @param serial Reported with what happens, to know the descriptor's number from its next use. */
  add(fd: number, serial: number, events: number): boolean {
    return this.#control(1, fd, serial, events)
  }

  change(fd: number, serial: number, events: number): boolean {
    return this.#control(3, fd, serial, events)
  }

  remove(fd: number): boolean {
    return this.#control(2, fd, 0, 0)
  }

  /** Reports what has happened, without waiting; the rest of many at the next call. Not to be called by the listener. */
  poll(listener: ReadyListener): void {
    const { wait, events, words } = this.#functions
    const count = wait(this.fd, events + wordsEach * 4, batchSize, 0)
    for (let at = wordsEach; at <= count * wordsEach; at += wordsEach)
      listener(words[at + dataWord]!, words[at + dataWord + 1]!, words[at]!)
  }

  close(): void {
    this.#functions.close(this.fd)
  }

  #control(what: number, fd: number, serial: number, wanted: number): boolean {
    const { control, events, words } = this.#functions
    words[0] = wanted
    words[dataWord] = fd
    words[dataWord + 1] = serial
    return control(this.fd, what, fd, events) === 0
  }
}

let functions: EpollFunctions | null = null

function loadFunctions(): EpollFunctions {
  const koffi = loadKoffi()
  const c = koffi.load(null)
  const bind = <F>(definition: string): F => c.func(definition) as F
  const { pointer, memory } = allocate(koffi, (1 + batchSize) * wordsEach * 4)
  return {
    create: bind('int epoll_create1(int flags)'),
    control: bind('int epoll_ctl(int epoll, int what, int fd, intptr_t event)'),
    wait: bind('int epoll_wait(int epoll, intptr_t events, int size, int timeoutMs)'),
    close: bind('int close(int fd)'),
    events: pointer,
    words: new Uint32Array(memory),
  }
}

const batchSize = 256
/** The structure is packed on x86-64 alone (`EPOLL_PACKED`): elsewhere four bytes stand before its 64 bits of data. */
const dataWord = process.arch === 'x64' || process.arch === 'ia32' ? 1 : 2
const wordsEach = dataWord + 2
/** `EPOLL_CLOEXEC`. */
const closeOnExec = 0o2000000
