/** Where to connect: a host and a port, or the path of a Unix socket; on Linux a leading NUL makes it an abstract name. */
export type Address = string | { readonly host: string; readonly port: number }

/** What ends the waiting for a connection. */
export interface GiveUpOptions {
  /** Gives up and closes after this long, over TLS with the handshake. In ms. @default no limit but the system's */
  timeoutMs?: number | undefined
  /** Aborting gives up and closes; the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined
}

/** Options of {@link IOStream.connect}. */
export interface ConnectOptions extends GiveUpOptions {
  /** The name to ask for and to hold the certificate against, over TLS. @default the host of the address */
  serverHostname?: string
}
