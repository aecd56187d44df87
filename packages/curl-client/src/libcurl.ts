import { LibcurlError } from './errors.ts'
import {
  allocate,
  loadKoffi,
  toPointer,
  type Koffi,
  type Native,
  type NativeMemory,
  type Pointer,
} from './koffi.ts'

/** What C calls. It gets integers and addresses alone. */
export type NativeCallback = (a: number, b: number, c: number, d: number, e: number) => number

/** What libcurl calls. Never throw from one: there is no JavaScript around it. */
export interface CurlCallbacks {
  /** easy, fd, what, multi */
  readonly onSocket: NativeCallback
  /** data, size, count, transfer */
  readonly onWrite: NativeCallback
  /** data, size, count, transfer */
  readonly onHead: NativeCallback
  /** into, size, count, transfer */
  readonly onRead: NativeCallback
  /** easy, kind, data, size */
  readonly onDebug: NativeCallback
  /** multi, purpose, address */
  readonly onOpenSocket: NativeCallback
  /** multi, fd */
  readonly onCloseSocket: NativeCallback
}

/** How a transfer ended. */
export interface CurlMessage {
  readonly easy: Pointer
  /** One of {@link result}. */
  readonly code: number
}

/**
 * The functions of libcurl, and of C what goes with them: every declaration there is of these. Addresses are declared as
 * integers, which koffi converts faster than pointers.
 */
export class Libcurl {
  readonly #koffi: Koffi
  readonly version: string
  readonly #features: number

  readonly easyInit: () => Pointer
  readonly easyReset: (easy: Pointer) => void
  readonly easyCleanup: (easy: Pointer) => void
  readonly easyPause: (easy: Pointer, mask: number) => number
  readonly setNumber: (easy: Pointer, which: number, value: number) => number
  readonly setText: (easy: Pointer, which: number, value: string) => number
  readonly setPointer: (easy: Pointer, which: number, value: Pointer) => number
  readonly setBytes: (easy: Pointer, which: number, value: Uint8Array) => number
  readonly setLarge: (easy: Pointer, which: number, value: number) => number
  readonly getTime: (easy: Pointer, which: number, into: Pointer) => number
  readonly multiInit: () => Pointer
  readonly multiSetNumber: (multi: Pointer, which: number, value: number) => number
  readonly multiSetPointer: (multi: Pointer, which: number, value: Pointer) => number
  readonly multiAdd: (multi: Pointer, easy: Pointer) => number
  readonly multiRemove: (multi: Pointer, easy: Pointer) => number
  readonly multiCleanup: (multi: Pointer) => number
  readonly listAppend: (list: Pointer, line: Uint8Array) => Pointer
  readonly listFree: (list: Pointer) => void
  readonly errorText: (code: number) => string
  /** C's `fwrite`, for libcurl to call. */
  readonly fileWrite: Pointer
  readonly openMemory: (pointer: Pointer, size: Pointer) => Pointer
  readonly flush: (file: Pointer) => number
  readonly rewind: (file: Pointer) => void
  readonly freeMemory: (pointer: Pointer) => void
  readonly closeFile: (file: Pointer) => number
  readonly openDescriptor: (family: number, type: number, protocol: number) => number
  readonly closeDescriptor: (fd: number) => number
  readonly copyOut: (into: ArrayBufferView, from: Pointer, size: number) => void
  readonly copyIn: (into: Pointer, from: Uint8Array, size: number) => void

  readonly #socketAction: (multi: Pointer, fd: number, events: number, running: Pointer) => number
  readonly #nextMessage: (multi: Pointer, left: Pointer) => Pointer
  readonly #timeout: (multi: Pointer, timeoutMs: Pointer) => number
  /** Where libcurl answers to: running, left (`int`); timeout (`long`). */
  readonly #answers: Pointer
  readonly #numbers: Int32Array
  readonly #longs: BigInt64Array
  /** A `CURLMsg`: `int msg; CURL *easy_handle; union { void *; CURLcode }`. */
  readonly #message: BigUint64Array = new BigUint64Array(3)
  readonly #messageNumbers: Int32Array = new Int32Array(this.#message.buffer)

  constructor(koffi: Koffi, path: string) {
    // Deep: else libcurl would find the OpenSSL and zlib inside Node instead of those it was built with.
    const curl = koffi.load(path, { deep: true })
    const c = koffi.load(null)
    const bind = <F>(definition: string): F => curl.func(definition) as F
    const bindC = <F>(definition: string): F => c.func(definition) as F
    this.#koffi = koffi

    const version = bind<(age: number) => bigint>('void* curl_version_info(int age)')(0)
    const versionNumber = koffi.decode(version, 16, 'uint32_t') as number
    this.version = String(koffi.decode(version, 8, 'str'))
    this.#features = koffi.decode(version, 32, 'int') as number
    if (versionNumber < minVersion)
      throw new LibcurlError(`libcurl ${this.version} is too old: 7.22.0 or newer is needed`)

    const { pointer, memory } = allocate(koffi, 16)
    this.#answers = pointer
    this.#numbers = new Int32Array(memory, 0, 2)
    this.#longs = new BigInt64Array(memory, 8, 1)

    bind<(flags: number) => number>('int curl_global_init(long flags)')(3)
    this.easyInit = bind('intptr_t curl_easy_init()')
    this.easyReset = bind('void curl_easy_reset(intptr_t easy)')
    this.easyCleanup = bind('void curl_easy_cleanup(intptr_t easy)')
    this.easyPause = bind('int curl_easy_pause(intptr_t easy, int mask)')
    this.errorText = bind('str curl_easy_strerror(int code)')
    this.setNumber = variadic(bind, 'curl_easy_setopt', 'long')
    this.setText = variadic(bind, 'curl_easy_setopt', 'str')
    this.setPointer = variadic(bind, 'curl_easy_setopt', 'intptr_t')
    this.setBytes = variadic(bind, 'curl_easy_setopt', 'void*')
    this.setLarge = variadic(bind, 'curl_easy_setopt', 'int64_t')
    this.getTime = variadic(bind, 'curl_easy_getinfo', 'intptr_t')
    this.multiInit = bind('intptr_t curl_multi_init()')
    this.multiSetNumber = variadic(bind, 'curl_multi_setopt', 'long')
    this.multiSetPointer = variadic(bind, 'curl_multi_setopt', 'intptr_t')
    this.multiAdd = bind('int curl_multi_add_handle(intptr_t multi, intptr_t easy)')
    this.multiRemove = bind('int curl_multi_remove_handle(intptr_t multi, intptr_t easy)')
    this.multiCleanup = bind('int curl_multi_cleanup(intptr_t multi)')
    this.#socketAction = bind(
      'int curl_multi_socket_action(intptr_t multi, int fd, int events, intptr_t running)',
    )
    this.#nextMessage = bind('intptr_t curl_multi_info_read(intptr_t multi, intptr_t left)')
    this.#timeout = bind('int curl_multi_timeout(intptr_t multi, intptr_t timeoutMs)')
    this.listAppend = bind('intptr_t curl_slist_append(intptr_t list, void* line)')
    this.listFree = bind('void curl_slist_free_all(intptr_t list)')

    // The handle is RTLD_DEFAULT.
    const find = bindC<(handle: number, name: string) => Pointer>('intptr_t dlsym(intptr_t handle, str name)')
    this.fileWrite = find(process.platform === 'darwin' || process.platform === 'freebsd' ? -2 : 0, 'fwrite')
    this.openMemory = bindC('intptr_t open_memstream(intptr_t pointer, intptr_t size)')
    this.flush = bindC('int fflush(intptr_t file)')
    this.rewind = bindC('void rewind(intptr_t file)')
    this.freeMemory = bindC('void free(intptr_t pointer)')
    this.closeFile = bindC('int fclose(intptr_t file)')
    this.openDescriptor = bindC('int socket(int family, int type, int protocol)')
    this.closeDescriptor = bindC('int close(int fd)')
    this.copyOut = bindC('void memcpy(void* into, intptr_t from, size_t size)')
    this.copyIn = bindC('void memcpy(intptr_t into, const void* from, size_t size)')
  }

  /** Whether the library was built with all of these: see {@link feature}. */
  has(features: number): boolean {
    return (this.#features & features) === features
  }

  /** Makes functions of C. They are few: all clients share them. */
  register(callbacks: CurlCallbacks): Readonly<Record<keyof CurlCallbacks, Pointer>> {
    const koffi = this.#koffi
    const make = (callback: (...args: never[]) => unknown, type: string): Pointer =>
      toPointer(koffi.register(callback, koffi.pointer(koffi.proto(type))))
    const data = 'size_t (intptr_t data, size_t size, size_t count, intptr_t transfer)'
    return {
      onSocket: make(
        callbacks.onSocket,
        'int (intptr_t easy, int fd, int what, intptr_t multi, intptr_t socket)',
      ),
      onWrite: make(callbacks.onWrite, data),
      onHead: make(callbacks.onHead, data),
      onRead: make(callbacks.onRead, data),
      onDebug: make(callbacks.onDebug, 'int (intptr_t easy, int kind, intptr_t data, size_t size)'),
      onOpenSocket: make(callbacks.onOpenSocket, 'int (intptr_t multi, int purpose, intptr_t address)'),
      onCloseSocket: make(callbacks.onCloseSocket, 'int (intptr_t multi, int fd)'),
    }
  }

  allocate(size: number): NativeMemory {
    return allocate(this.#koffi, size)
  }

  /** Tells libcurl what happened to a socket, or with {@link noSocket} that time has passed; answers how many transfers run. */
  socketAction(multi: Pointer, fd: number, events: number): number {
    this.#socketAction(multi, fd, events, this.#answers)
    return this.#numbers[0]!
  }

  /** When libcurl is to be called, whatever happens until then: in so many ms, or with -1 not at all. */
  timeout(multi: Pointer): number {
    this.#timeout(multi, this.#answers + 8)
    return Number(this.#longs[0]!)
  }

  /** The next transfer that has ended; `null` when there is none. */
  nextMessage(multi: Pointer): CurlMessage | null {
    for (;;) {
      const message = this.#nextMessage(multi, this.#answers + 4)
      if (message === 0) return null
      this.copyOut(this.#message, message, 24)
      // The only kind of message that there is so far (`CURLMSG_DONE`).
      if (this.#messageNumbers[0] === 1)
        return { easy: Number(this.#message[1]!), code: this.#messageNumbers[4]! }
    }
  }

  /** Opens the socket that libcurl asks for (`struct curl_sockaddr`), to be closed with any program started from here. */
  openSocket(address: Pointer): number {
    const numbers = new Int32Array(3)
    this.copyOut(numbers, address, numbers.byteLength)
    const [family, type, protocol] = numbers
    return this.openDescriptor(family!, type! | closeOnExec, protocol!)
  }
}

/**
 * A function of the form `f(handle, which, ...)`, for one type of its last argument.
 *
 * Where the platform passes variadic arguments as it does others, declaring it so is five to nine times faster.
 */
function variadic<T>(
  bind: <F>(definition: string) => F,
  name: string,
  type: string,
): (handle: Pointer, which: number, value: T) => number {
  if (process.platform !== 'darwin' || process.arch !== 'arm64')
    return bind(`int ${name}(intptr_t handle, int which, ${type} value)`)
  const native = bind<Native>(`int ${name}(intptr_t handle, int which, ...)`)
  return (handle, which, value) => native(handle, which, type, value) as number
}

let loaded: Libcurl | null = null

/**
 * The system's libcurl, loaded on first use.
 *
 * @throws {LibcurlError} When there is none, or it is too old. The message tells what to install.
 * @throws {MissingPackageError} When koffi is not installed.
 */
export function libcurl(): Libcurl {
  return (loaded ??= loadLibcurl(libraryNames[process.platform] ?? []))
}

/** For tests, too: loads the first of these that there is. */
export function loadLibcurl(names: readonly string[]): Libcurl {
  const koffi = loadKoffi()
  const failures: unknown[] = []
  for (const name of names) {
    try {
      return new Libcurl(koffi, name)
    } catch (error) {
      if (error instanceof LibcurlError) throw error
      failures.push(error)
    }
  }
  throw new LibcurlError(
    'Cannot load libcurl. Debian, Ubuntu: apt install libcurl4 (libcurl4t64 on newer ones); Fedora, RHEL: dnf install libcurl; ' +
      'Alpine: apk add libcurl; Arch: pacman -S curl; openSUSE: zypper install libcurl4; macOS has it; other systems are not supported',
    { cause: new AggregateError(failures) },
  )
}

const libraryNames: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ['libcurl.so.4', 'libcurl-gnutls.so.4'],
  freebsd: ['libcurl.so.4'],
  darwin: ['libcurl.4.dylib', '/usr/lib/libcurl.4.dylib'],
}
/** `SOCK_CLOEXEC`; macOS has none. */
const closeOnExec = process.platform === 'linux' ? 0o2000000 : process.platform === 'freebsd' ? 0x10000000 : 0
const minVersion = 0x071600
