/** Options of transfers (`CURLOPT_…`); the thousands are the type: number, pointer, function, 64-bit number. */
export const option = {
  verbose: 41,
  noBody: 44,
  upload: 46,
  post: 47,
  verifyPeer: 64,
  freshConnect: 74,
  forbidReuse: 75,
  verifyHost: 81,
  noSignal: 99,
  proxyAuth: 111,
  ipResolve: 113,
  timeoutMs: 155,
  connectTimeoutMs: 156,
  protocols: 181,
  redirectProtocols: 182,
  suppressConnectHeaders: 265,
  expect100TimeoutMs: 227,
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
  copyPostFields: 10_165,
  proxyUsername: 10_175,
  proxyPassword: 10_176,
  noProxy: 10_177,
  unixSocketPath: 10_231,
  connectTo: 10_243,
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
} as const

/** Times of a transfer, in seconds from its beginning, and how many bytes of its body were sent (`CURLINFO_…`). */
export const info = {
  nameLookup: 0x300004,
  connect: 0x300005,
  preTransfer: 0x300006,
  uploadedSize: 0x300007,
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
  sendFailRewind: 65,
  badArgument: 43,
  badContentEncoding: 61,
  http2Stream: 92,
  tooLarge: 100,
} as const

/** What the functions that take and give data answer to stop for now (`CURL_WRITEFUNC_PAUSE`, `CURL_READFUNC_PAUSE`). */
export const pause = 0x1000_0001
/** `CURL_SOCKET_TIMEOUT`: no socket, the time has come. */
export const noSocket = -1

/** libcurl's features (`CURL_VERSION_…`), of which some are asked for. */
export const feature = { ssl: 0x4, httpsProxy: 0x20_0000 } as const
