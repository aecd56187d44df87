import { curlLog, logCurl } from './curl-log.ts'
import type { CurlTransfer } from './curl-transfer.ts'
import { multiOption, noSocket, option } from './curl-constants.ts'
import type { Pointer } from './koffi.ts'
import { libcurl, type CurlCallbacks, type Libcurl, type NativeCallback } from './libcurl.ts'
import { watchSockets, type SocketWatch } from './socket-watch.ts'

/**
 * The transfers of one client, driven by the loop: libcurl says which sockets to watch and until when, and is told what
 * happened (`curl_multi_socket_action`). Nobody's code runs inside of libcurl's callbacks: they only note what has come.
 */
export class CurlMulti {
  readonly curl: Libcurl = libcurl()
  /** Sockets that were closed so far. */
  closedSockets = 0
  readonly #multi: Pointer
  readonly #id: number
  readonly #watch: SocketWatch
  /** All handles, under way or not. */
  readonly #transfers = new Map<Pointer, CurlTransfer>()
  #underWay = 0
  #timer: NodeJS.Timeout | null = null
  #dueMs = Infinity
  #armedMs = Infinity
  #kicked = false
  #hasTurn = false
  #resting = false
  #closed = false
  /** Transfers that libcurl has not ended. */
  #running = 0

  constructor(maxConnections: number) {
    const { curl } = this
    native ??= curl.register(callbacks)
    this.#watch = watchSockets({
      ready: (fd, events) => {
        this.#running = curl.socketAction(this.#multi, fd, events)
      },
      allTold: () => this.#settle(),
    })
    this.#multi = curl.multiInit()
    this.#id = ++lastId
    multis.set(this.#id, this)
    curl.multiSetNumber(this.#multi, multiOption.maxConnections, maxConnections)
    curl.multiSetPointer(this.#multi, multiOption.socketFunction, native.onSocket)
    curl.multiSetPointer(this.#multi, multiOption.socketData, this.#id)
  }

  /** Whether libcurl tells what it does. */
  get isLogged(): boolean {
    return curlLog.isEnabledFor('debug')
  }

  /** Gives a handle what each transfer needs, whatever its request. */
  prepare(easy: Pointer, transfer: number): void {
    const { curl } = this
    const { onWrite, onOpenSocket, onCloseSocket, onDebug } = native!
    curl.setNumber(easy, option.noSignal, 1)
    curl.setPointer(easy, option.writeFunction, onWrite)
    curl.setPointer(easy, option.writeData, transfer)
    curl.setPointer(easy, option.openSocketFunction, onOpenSocket)
    curl.setPointer(easy, option.openSocketData, this.#id)
    curl.setPointer(easy, option.closeSocketFunction, onCloseSocket)
    curl.setPointer(easy, option.closeSocketData, this.#id)
    if (!this.isLogged) return
    curl.setPointer(easy, option.debugFunction, onDebug)
    curl.setNumber(easy, option.verbose, 1)
  }

  /** Lets a transfer ask for its body. */
  prepareUpload(easy: Pointer, transfer: number): void {
    this.curl.setPointer(easy, option.readFunction, native!.onRead)
    this.curl.setPointer(easy, option.readData, transfer)
  }

  /** Lets a transfer see its head line by line. */
  prepareHead(easy: Pointer, transfer: number): void {
    this.curl.setPointer(easy, option.headerFunction, native!.onHead)
    this.curl.setPointer(easy, option.headerData, transfer)
  }

  /** Makes a handle known. */
  add(easy: Pointer, transfer: CurlTransfer): void {
    this.#transfers.set(easy, transfer)
  }

  forgetTransfer(easy: Pointer): void {
    this.#transfers.delete(easy)
  }

  begin(easy: Pointer): void {
    this.#watch.wake()
    this.#underWay++
    this.curl.multiAdd(this.#multi, easy)
    this.#kick()
  }

  /** Takes a handle back whose transfer is under way, or has ended; in the former case its connection is closed. */
  end(easy: Pointer, failed: boolean): void {
    this.#underWay--
    this.curl.multiRemove(this.#multi, easy)
    if (failed) this.#watch.tidy()
    if (this.#underWay > 0 || this.#resting) return
    this.#resting = true
    setImmediate(this.#rest)
  }

  /** A transfer that had stopped for now goes on. */
  resume(easy: Pointer): void {
    this.curl.easyPause(easy, 0)
    this.#kick()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#timer !== null) clearTimeout(this.#timer)
    // Closes all connections.
    this.curl.multiCleanup(this.#multi)
    this.#watch.close()
    multis.delete(this.#id)
  }

  /** For callbacks: libcurl wants to know about a socket. */
  watch(fd: number, what: number): void {
    this.#watch.set(fd, what)
  }

  own(fd: number): void {
    this.#watch.own(fd)
  }

  forget(fd: number): void {
    this.closedSockets++
    this.#watch.forget(fd)
  }

  /** Lets libcurl look at its transfers as soon as the code that runs is done. */
  #kick(): void {
    if (this.#kicked) return
    this.#kicked = true
    queueMicrotask(this.#onKick)
  }

  readonly #onKick = (): void => {
    this.#kicked = false
    this.#look()
  }

  /** Lets libcurl look at those transfers whose time has come. */
  #look(): void {
    if (this.#closed) return
    this.#running = this.curl.socketAction(this.#multi, noSocket, 0)
    this.#settle()
  }

  /** libcurl has done what there was to do: what came of it is handed on. */
  #settle(): void {
    if (touched.length > 0) deliverTouched()
    // Fewer than there were: some have ended.
    if (!this.#closed && this.#running < this.#underWay) this.#readMessages()
    if (!this.#closed) this.#schedule(this.curl.timeout(this.#multi))
  }

  #readMessages(): void {
    const ended: CurlTransfer[] = []
    for (;;) {
      const message = this.curl.nextMessage(this.#multi)
      if (message === null) break
      const transfer = this.#transfers.get(message.easy)!
      transfer.result = message.code
      ended.push(transfer)
    }
    for (const transfer of ended) transfer.ended()
  }

  /** libcurl wants to be called after so long; -1 for no more. */
  #schedule(timeoutMs: number): void {
    if (timeoutMs < 0) {
      this.#dueMs = Infinity
      return
    }
    this.#dueMs = performance.now() + timeoutMs
    if (timeoutMs > 0) this.#arm()
    else if (!this.#hasTurn) {
      this.#hasTurn = true
      setImmediate(this.#onTurn)
    }
  }

  readonly #onTurn = (): void => {
    this.#hasTurn = false
    this.#look()
  }

  #arm(): void {
    // One that rings too early looks again: most that are asked for are called off.
    if (this.#armedMs <= this.#dueMs) return
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#armedMs = this.#dueMs
    this.#timer = setTimeout(this.#ring, Math.max(1, Math.ceil(this.#dueMs - performance.now())))
  }

  readonly #ring = (): void => {
    this.#timer = null
    this.#armedMs = Infinity
    if (this.#dueMs === Infinity) return
    if (this.#dueMs > performance.now()) this.#arm()
    else this.#look()
  }

  readonly #rest = (): void => {
    this.#resting = false
    if (this.#underWay > 0 || this.#closed) return
    this.#watch.rest()
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#armedMs = Infinity
    // What libcurl has left to do for kept connections alone can wait for the next transfer.
    if (this.#dueMs !== Infinity) {
      this.#arm()
      this.#timer!.unref()
      this.#armedMs = Infinity
    }
  }
}

let native: Readonly<Record<keyof CurlCallbacks, Pointer>> | null = null
const multis = new Map<number, CurlMulti>()
let lastId = 0
/** All transfers by their numbers; those that wait for a use stay. */
const transfers = new Map<number, CurlTransfer>()
/** Transfers for which something has come. */
let touched: CurlTransfer[] = []

/** Numbers a transfer, for libcurl to name it by. */
export function register(transfer: CurlTransfer): number {
  transfers.set(++lastTransferId, transfer)
  return lastTransferId
}

export function unregister(id: number): void {
  transfers.delete(id)
}

let lastTransferId = 0

/** Something has come for a transfer: to be handed on when libcurl has returned. */
export function touch(transfer: CurlTransfer): void {
  touched.push(transfer)
}

function deliverTouched(): void {
  const all = touched
  touched = []
  for (const transfer of all) transfer.deliver()
}

/** An exception must not go through libcurl: it fails what libcurl was about to do. */
function guarded(failed: number, callback: NativeCallback): NativeCallback {
  return (a, b, c, d, e) => {
    try {
      return callback(a, b, c, d, e)
    } catch (error) {
      curlLog.error('Exception in a callback of libcurl', error)
      return failed
    }
  }
}

const callbacks: CurlCallbacks = {
  onSocket: guarded(-1, (_easy: Pointer, fd: number, what: number, id: number) => {
    multis.get(id)?.watch(fd, what)
    return 0
  }),
  onWrite: guarded(
    0,
    (data: Pointer, size: number, count: number, id: number) =>
      transfers.get(id)?.take(data, size * count) ?? 0,
  ),
  onHead: guarded(
    0,
    (data: Pointer, size: number, count: number, id: number) =>
      transfers.get(id)?.takeLine(data, size * count) ?? 0,
  ),
  onRead: guarded(
    0x1000_0000,
    (into: Pointer, size: number, count: number, id: number) =>
      transfers.get(id)?.give(into, size * count) ?? 0x1000_0000,
  ),
  onDebug: guarded(0, (_easy: Pointer, kind: number, data: Pointer, size: number) => {
    if (kind > 2) return 0
    const text = Buffer.allocUnsafe(size)
    libcurl().copyOut(text, data, text.length)
    logCurl(kind, text.toString('latin1'))
    return 0
  }),
  onOpenSocket: guarded(-1, (id: number, _purpose: number, address: Pointer) => {
    const fd = libcurl().openSocket(address)
    if (fd >= 0) multis.get(id)?.own(fd)
    return fd
  }),
  onCloseSocket: guarded(0, (id: number, fd: number) => {
    multis.get(id)?.forget(fd)
    return libcurl().closeDescriptor(fd)
  }),
}
