import { IOLoop } from '@tornado-ts/ioloop'
import { Epoll, epollEvent } from './epoll.ts'

/** What libcurl asks a socket to be watched for, as bits: `CURL_POLL_IN` and `CURL_POLL_OUT`; it is told the same. */
const input = 1
const output = 2
const failure = 4
/** `CURL_POLL_REMOVE`. */
const none = 4

/** What is told of sockets. */
export interface SocketListener {
  /** Something happened to a socket that libcurl wants to know of. */
  ready(fd: number, events: number): void
  /** That was all for now. */
  allTold(): void
}

/** Watches the sockets of libcurl on the loop. */
export interface SocketWatch {
  /** A socket is new, whatever had its number before: of one that never was connected nobody says that it is closed. */
  own(fd: number): void
  /** Follows what libcurl's socket callback says. */
  set(fd: number, what: number): void
  /** The descriptor is about to be closed. */
  forget(fd: number): void
  /** A transfer has failed, and sockets may have been closed of which nobody has said so. */
  tidy(): void
  /** Something is under way. */
  wake(): void
  /** Nothing is: connections that are kept must not keep the program alive. */
  rest(): void
  close(): void
}

/** Whether sockets are watched through one descriptor for all, where the system has such. For tests: either works. */
export const socketWatching: { throughOne: boolean } = { throughOne: process.platform === 'linux' }

export function watchSockets(listener: SocketListener): SocketWatch {
  return socketWatching.throughOne ? new JointWatch(listener) : new SingleWatch(listener)
}

interface Watched {
  /** What libcurl wants to know. */
  wanted: number
  /** What is watched. */
  watched: number
  readonly owned: boolean
  readonly serial: number
}

/** All sockets through one descriptor: whatever number of them is ready, the loop wakes us once. */
class JointWatch implements SocketWatch {
  readonly #loop: IOLoop = IOLoop.current()!
  readonly #epoll = new Epoll()
  readonly #listener: SocketListener
  readonly #sockets = new Map<number, Watched>()
  #lastSerial = 0
  #awake = false

  constructor(listener: SocketListener) {
    this.#listener = listener
    try {
      this.#loop.addHandler(this.#epoll.fd, this.#onEvents, IOLoop.NONE)
    } catch (error) {
      this.#epoll.close()
      throw error
    }
  }

  own(fd: number): void {
    this.#sockets.set(fd, { wanted: 0, watched: 0, owned: true, serial: ++this.#lastSerial })
  }

  set(fd: number, what: number): void {
    const socket = this.#sockets.get(fd)
    if (what !== none) {
      if (socket !== undefined) this.#want(fd, socket, what)
      else {
        const found = { wanted: 0, watched: 0, owned: false, serial: ++this.#lastSerial }
        this.#sockets.set(fd, found)
        this.#want(fd, found, what)
      }
    } else if (socket !== undefined) {
      // A connection between two requests, most often: to watch it on costs nothing, to begin anew would. One that is closed
      // leaves the epoll by itself.
      if (socket.owned) socket.wanted = 0
      else this.forget(fd)
    }
  }

  forget(fd: number): void {
    const socket = this.#sockets.get(fd)
    if (socket === undefined) return
    this.#quiet(fd, socket)
    this.#sockets.delete(fd)
  }

  tidy(): void {
    for (const [fd, socket] of this.#sockets) if (socket.wanted === 0) this.#quiet(fd, socket)
  }

  wake(): void {
    if (this.#awake) return
    this.#awake = true
    this.#loop.updateHandler(this.#epoll.fd, IOLoop.READ)
  }

  rest(): void {
    if (!this.#awake) return
    this.#awake = false
    this.#loop.updateHandler(this.#epoll.fd, IOLoop.NONE)
  }

  close(): void {
    this.#loop.removeHandler(this.#epoll.fd)
    this.#epoll.close()
  }

  readonly #onEvents = (): void => {
    if (!this.#awake) return
    this.#epoll.poll(this.#onReady)
    this.#listener.allTold()
  }

  readonly #onReady = (fd: number, serial: number, events: number): void => {
    const socket = this.#sockets.get(fd)
    // It may have been closed, and its number be another's, since the events were read.
    if (socket?.serial !== serial) return
    const { wanted } = socket
    if (wanted === 0) {
      this.#quiet(fd, socket)
      return
    }
    // To read or to write then fails, and tells why.
    const isBroken = (events & (epollEvent.error | epollEvent.hangUp)) !== 0
    const told =
      ((events & epollEvent.input) === 0 && !isBroken ? 0 : wanted & input) |
      ((events & epollEvent.output) === 0 && !isBroken ? 0 : wanted & output)
    if (told !== 0) this.#listener.ready(fd, (events & epollEvent.error) === 0 ? told : told | failure)
  }

  #want(fd: number, socket: Watched, what: number): void {
    socket.wanted = what
    if (socket.watched === what) return
    const events =
      ((what & input) === 0 ? 0 : epollEvent.input) | ((what & output) === 0 ? 0 : epollEvent.output)
    if (socket.watched === 0) this.#epoll.add(fd, socket.serial, events)
    else this.#epoll.change(fd, socket.serial, events)
    socket.watched = what
  }

  #quiet(fd: number, socket: Watched): void {
    if (socket.watched === 0) return
    socket.watched = 0
    this.#epoll.remove(fd)
  }
}

/** Each socket by itself, for systems other than Linux. */
class SingleWatch implements SocketWatch {
  readonly #loop: IOLoop = IOLoop.current()!
  readonly #listener: SocketListener
  /** What each is watched for. */
  readonly #sockets = new Map<number, number>()

  constructor(listener: SocketListener) {
    this.#listener = listener
  }

  own(): void {}

  set(fd: number, what: number): void {
    if (what === none) {
      // Not always are we told when it is closed, and the loop must not have one that is.
      this.forget(fd)
      return
    }
    const watched = this.#sockets.get(fd)
    if (watched === what) return
    this.#sockets.set(fd, what)
    if (watched === undefined) this.#loop.addHandler(fd, this.#handle, toLoop(what))
    else this.#loop.updateHandler(fd, toLoop(what))
  }

  forget(fd: number): void {
    if (this.#sockets.delete(fd)) this.#loop.removeHandler(fd)
  }

  tidy(): void {}

  wake(): void {}

  rest(): void {}

  close(): void {
    for (const fd of this.#sockets.keys()) this.forget(fd)
  }

  readonly #handle = (fd: number, events: number): void => {
    if (!this.#sockets.has(fd)) return
    const isFailure = (events & IOLoop.ERROR) === IOLoop.ERROR
    // After that the loop watches no more.
    if (isFailure) this.#sockets.set(fd, 0)
    this.#listener.ready(
      fd,
      ((events & IOLoop.READ) === 0 || isFailure ? 0 : input) |
        ((events & IOLoop.WRITE) === 0 || isFailure ? 0 : output) |
        (isFailure ? failure : 0),
    )
    this.#listener.allTold()
  }
}

function toLoop(what: number): number {
  return ((what & input) === 0 ? 0 : IOLoop.READ) | ((what & output) === 0 ? 0 : IOLoop.WRITE)
}
