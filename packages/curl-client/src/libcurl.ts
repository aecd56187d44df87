import { MissingPackageError } from '@tornado-ts/ioloop'
import { createRequire } from 'node:module'
import { LibcurlError } from './errors.ts'

/** An address, as koffi gives it. */
export type Pointer = bigint
type Native = (...args: unknown[]) => unknown

/** What we use of koffi. Its own types would make every user of ours install it. */
interface Koffi {
  load(path: string | null, options?: { deep?: boolean }): { func(definition: string): Native }
  proto(definition: string): unknown
  pointer(type: unknown): unknown
  register(callback: (...args: never[]) => unknown, type: unknown): Pointer
  alloc(type: string, length: number): Pointer
  free(pointer: Pointer): void
  view(pointer: Pointer, length: number): ArrayBuffer
  decode(pointer: Pointer, offset: number, type: string): unknown
}

/** Options of transfers (`CURLOPT_…`); the thousands are the type: number, pointer, function, 64-bit number. */
export const option = {
  verbose: 41,
  noBody: 44,
  upload: 46,
  post: 47,
  verifyPeer: 64,
  httpGet: 80,
  verifyHost: 81,
  noSignal: 99,
  proxyAuth: 111,
  ipResolve: 113,
  timeoutMs: 155,
  connectTimeoutMs: 156,
  protocols: 181,
  redirectProtocols: 182,
  pathAsIs: 234,
  suppressConnectHeaders: 265,
  expect100TimeoutMs: 227,
  proxyVerifyPeer: 248,
  proxyVerifyHost: 249,
  maxAgeConnection: 288,
  writeData: 10_001,
  url: 10_002,
  proxy: 10_004,
  readData: 10_009,
  errorBuffer: 10_010,
  httpHeader: 10_023,
  sslCert: 10_025,
  headerData: 10_029,
  customRequest: 10_036,
  interface: 10_062,
  caInfo: 10_065,
  sslKey: 10_087,
  debugData: 10_095,
  copyPostFields: 10_165,
  proxyUsername: 10_175,
  proxyPassword: 10_176,
  noProxy: 10_177,
  unixSocketPath: 10_231,
  connectTo: 10_243,
  proxyCaInfo: 10_246,
  headerFunction: 20_079,
  writeFunction: 20_011,
  readFunction: 20_012,
  debugFunction: 20_094,
  openSocketFunction: 20_163,
  openSocketData: 10_164,
  closeSocketFunction: 20_208,
  closeSocketData: 10_209,
  inFileSize: 30_115,
  postFieldSize: 30_120,
} as const

/** Options of the handle that all transfers share (`CURLMOPT_…`). */
export const multiOption = {
  maxConnections: 6,
  socketFunction: 20_001,
  socketData: 10_002,
  timerFunction: 20_004,
  timerData: 10_005,
} as const

/** Times of a transfer, in seconds from its beginning (`CURLINFO_…`). */
export const info = {
  total: 0x300003,
  nameLookup: 0x300004,
  connect: 0x300005,
  preTransfer: 0x300006,
  startTransfer: 0x300011,
  redirect: 0x300013,
  appConnect: 0x300021,
} as const

/** Results (`CURLE_…`) that are told apart. */
export const result = {
  ok: 0,
  unsupportedProtocol: 1,
  partialFile: 18,
  writeError: 23,
  outOfMemory: 27,
  timedOut: 28,
  weirdServerReply: 8,
  http2: 16,
  gotNothing: 52,
  sendError: 55,
  receiveError: 56,
  badArgument: 43,
  badContentEncoding: 61,
  http2Stream: 92,
  tooLarge: 100,
} as const

/** What the functions that take and give data answer to stop for now, or for good. */
export const pause = 0x1000_0001
export const abortRead = 0x1000_0000
/** All directions go on (`CURLPAUSE_CONT`). */
export const goOn = 0
/** `CURL_SOCKET_TIMEOUT`: no socket, the time has come. */
export const noSocket = -1

/** libcurl's features (`CURL_VERSION_…`), of which some are asked for. */
export const feature = { ssl: 0x4, http2: 0x1_0000, httpsProxy: 0x20_0000, http3: 0x200_0000 } as const

/** What libcurl calls. Never throw from one: there is no JavaScript around it. */
export interface CurlCallbacks {
  readonly onSocket: (easy: Pointer, fd: number, what: number, multi: number) => number
  readonly onTimer: (multi: Pointer, timeoutMs: number, id: number) => number
  readonly onWrite: (data: Pointer, size: number, count: number, slot: number) => number
  readonly onHead: (data: Pointer, size: number, count: number, slot: number) => number
  readonly onRead: (into: Pointer, size: number, count: number, slot: number) => number
  readonly onDebug: (easy: Pointer, kind: number, data: Pointer, size: number) => number
  readonly onOpenSocket: (multi: number, purpose: number, address: Pointer) => number
  readonly onCloseSocket: (multi: number, fd: number) => number
}

/** The functions of C: every declaration there is. */
export class Libcurl {
  readonly #koffi: Koffi
  readonly version: string
  readonly #features: number

  readonly easyInit: () => Pointer | null
  readonly easyReset: (easy: Pointer) => void
  readonly easyCleanup: (easy: Pointer) => void
  readonly easyPause: (easy: Pointer, mask: number) => number
  readonly setNumber: (easy: Pointer, which: number, value: number) => number
  readonly setText: (easy: Pointer, which: number, value: string) => number
  readonly setPointer: (easy: Pointer, which: number, value: Pointer | Uint8Array | null) => number
  readonly setIndex: (easy: Pointer, which: number, value: number) => number
  readonly setLarge: (easy: Pointer, which: number, value: number) => number
  readonly getTime: (easy: Pointer, which: number, into: Float64Array) => number
  readonly multiInit: () => Pointer | null
  readonly multiSetNumber: (multi: Pointer, which: number, value: number) => number
  readonly multiSetIndex: (multi: Pointer, which: number, value: number) => number
  readonly multiSetPointer: (multi: Pointer, which: number, value: Pointer) => number
  readonly multiAdd: (multi: Pointer, easy: Pointer) => number
  readonly multiRemove: (multi: Pointer, easy: Pointer) => number
  readonly multiCleanup: (multi: Pointer) => number
  readonly socketAction: (multi: Pointer, fd: number, events: number, running: Int32Array) => number
  readonly nextMessage: (multi: Pointer, left: Int32Array) => Pointer | null
  readonly listAppend: (list: Pointer | null, line: Uint8Array) => Pointer | null
  readonly listFree: (list: Pointer) => void
  readonly errorText: (code: number) => string
  /** C's `fwrite`, for libcurl to call. */
  readonly fileWrite: Pointer
  readonly openMemory: (pointer: Pointer, size: Pointer) => Pointer | null
  readonly flush: (file: Pointer) => number
  readonly rewind: (file: Pointer) => void
  readonly freeMemory: (pointer: Pointer) => void
  readonly closeFile: (file: Pointer) => number
  readonly openDescriptor: (family: number, type: number, protocol: number) => number
  readonly closeDescriptor: (fd: number) => number
  readonly copyOut: (into: Uint8Array, from: Pointer, size: number) => void
  readonly copyIn: (into: Pointer, from: Uint8Array, size: number) => void

  constructor(koffi: Koffi, path: string) {
    // Deep: else libcurl would find the OpenSSL and zlib inside Node instead of those it was built with.
    const curl = koffi.load(path, { deep: true })
    const c = koffi.load(null)
    const bind = <F>(definition: string): F => curl.func(definition) as F
    const bindC = <F>(definition: string): F => c.func(definition) as F
    this.#koffi = koffi

    const version = bind<(age: number) => Pointer>('void* curl_version_info(int age)')(0)
    const versionNumber = koffi.decode(version, 16, 'uint32_t') as number
    this.version = String(koffi.decode(version, 8, 'str'))
    this.#features = koffi.decode(version, 32, 'int') as number
    if (versionNumber < minVersion)
      throw new LibcurlError(`libcurl ${this.version} is too old: 7.22.0 or newer is needed`)

    bind<(flags: number) => number>('int curl_global_init(long flags)')(3)
    this.easyInit = bind('void* curl_easy_init()')
    this.easyReset = bind('void curl_easy_reset(void* easy)')
    this.easyCleanup = bind('void curl_easy_cleanup(void* easy)')
    this.easyPause = bind('int curl_easy_pause(void* easy, int mask)')
    this.errorText = bind('str curl_easy_strerror(int code)')
    this.setNumber = variadic(bind, 'curl_easy_setopt', 'long')
    this.setText = variadic(bind, 'curl_easy_setopt', 'str')
    this.setPointer = variadic(bind, 'curl_easy_setopt', 'void*')
    this.setIndex = variadic(bind, 'curl_easy_setopt', 'intptr_t')
    this.setLarge = variadic(bind, 'curl_easy_setopt', 'int64_t')
    this.getTime = variadic(bind, 'curl_easy_getinfo', 'void*')
    this.multiInit = bind('void* curl_multi_init()')
    this.multiSetNumber = variadic(bind, 'curl_multi_setopt', 'long')
    this.multiSetIndex = variadic(bind, 'curl_multi_setopt', 'intptr_t')
    this.multiSetPointer = variadic(bind, 'curl_multi_setopt', 'void*')
    this.multiAdd = bind('int curl_multi_add_handle(void* multi, void* easy)')
    this.multiRemove = bind('int curl_multi_remove_handle(void* multi, void* easy)')
    this.multiCleanup = bind('int curl_multi_cleanup(void* multi)')
    this.socketAction = bind('int curl_multi_socket_action(void* multi, int fd, int events, int* running)')
    this.nextMessage = bind('void* curl_multi_info_read(void* multi, int* left)')
    this.listAppend = bind('void* curl_slist_append(void* list, void* line)')
    this.listFree = bind('void curl_slist_free_all(void* list)')

    // The handle is RTLD_DEFAULT.
    const find = bindC<(handle: number, name: string) => Pointer>('void* dlsym(intptr_t handle, str name)')
    this.fileWrite = find(process.platform === 'darwin' || process.platform === 'freebsd' ? -2 : 0, 'fwrite')
    this.openMemory = bindC('void* open_memstream(void* pointer, void* size)')
    this.flush = bindC('int fflush(void* file)')
    this.rewind = bindC('void rewind(void* file)')
    this.freeMemory = bindC('void free(void* pointer)')
    this.closeFile = bindC('int fclose(void* file)')
    this.openDescriptor = bindC('int socket(int family, int type, int protocol)')
    this.closeDescriptor = bindC('int close(int fd)')
    this.copyOut = bindC('void* memcpy(void* into, const void* from, size_t size)')
    this.copyIn = bindC('void* memcpy(void* into, const void* from, size_t size)')
  }

  /** Whether the library was built with all of these: see {@link feature}. */
  has(features: number): boolean {
    return (this.#features & features) === features
  }

  /** Makes functions of C. They are few: all clients share them. */
  register(callbacks: CurlCallbacks): Readonly<Record<keyof CurlCallbacks, Pointer>> {
    const make = (callback: (...args: never[]) => unknown, type: string): Pointer =>
      this.#koffi.register(callback, this.#koffi.pointer(this.#koffi.proto(type)))
    const data = 'size_t (void* data, size_t size, size_t count, intptr_t slot)'
    return {
      onSocket: make(callbacks.onSocket, 'int (void* easy, int fd, int what, intptr_t multi, void* socket)'),
      onTimer: make(callbacks.onTimer, 'int (void* multi, long timeoutMs, intptr_t id)'),
      onWrite: make(callbacks.onWrite, data),
      onHead: make(callbacks.onHead, data),
      onRead: make(callbacks.onRead, data),
      onDebug: make(callbacks.onDebug, 'int (void* easy, int kind, void* data, size_t size)'),
      onOpenSocket: make(callbacks.onOpenSocket, 'int (intptr_t multi, int purpose, void* address)'),
      onCloseSocket: make(callbacks.onCloseSocket, 'int (intptr_t multi, int fd)'),
    }
  }

  /** Memory outside of JavaScript, zeroed. */
  allocate(size: number): { pointer: Pointer; memory: ArrayBuffer } {
    const pointer = this.#koffi.alloc('uint8_t', size)
    const memory = this.#koffi.view(pointer, size)
    new Uint8Array(memory).fill(0)
    return { pointer, memory }
  }

  /** Opens the socket that libcurl asks for (`struct curl_sockaddr`), to be closed with any program started from here. */
  openSocket(address: Pointer): number {
    const [family, type, protocol] = [0, 4, 8].map((at) => this.#koffi.decode(address, at, 'int') as number)
    return this.openDescriptor(family!, type! | closeOnExec, protocol!)
  }

  free(pointer: Pointer): void {
    this.#koffi.free(pointer)
  }

  /** Which transfer a message is about, and how it ended; `null` for a message that is about something else. */
  readMessage(message: Pointer): { easy: Pointer; code: number } | null {
    if (this.#koffi.decode(message, 0, 'int') !== 1) return null
    const easy = this.#koffi.decode(message, 8, 'uint64_t')
    return { easy: BigInt(easy as number | bigint), code: this.#koffi.decode(message, 16, 'int') as number }
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
    return bind(`int ${name}(void* handle, int which, ${type} value)`)
  const native = bind<Native>(`int ${name}(void* handle, int which, ...)`)
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

function loadKoffi(): Koffi {
  try {
    const koffi: Koffi = createRequire(import.meta.url)('koffi')
    return koffi
  } catch (cause) {
    throw new MissingPackageError('koffi', 'CurlAsyncHTTPClient', { cause })
  }
}

const libraryNames: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ['libcurl.so.4', 'libcurl-gnutls.so.4'],
  freebsd: ['libcurl.so.4'],
  darwin: ['libcurl.4.dylib', '/usr/lib/libcurl.4.dylib'],
}
/** `SOCK_CLOEXEC`; macOS has none. */
const closeOnExec = process.platform === 'linux' ? 0o2000000 : process.platform === 'freebsd' ? 0x10000000 : 0
const minVersion = 0x071600
