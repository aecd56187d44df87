/**
 * Rejects every pending read and write when the stream closes, and is thrown by calls on a closed stream.
 *
 * `cause` (and Tornado's `realError`) is what closed the stream; absent after an orderly close.
 * Tornado: iostream.StreamClosedError.
 */
export class StreamClosedError extends Error {
  override readonly name = 'StreamClosedError'
  /** What closed the stream, or `null` after an orderly close. */
  readonly realError: Error | null

  constructor(realError: Error | null = null) {
    super('Stream is closed', realError === null ? undefined : { cause: realError })
    this.realError = realError
  }
}

/** The delimiter or match of a read did not end within its `maxSize`. Tornado: iostream.UnsatisfiableReadError. */
export class UnsatisfiableReadError extends Error {
  override readonly name = 'UnsatisfiableReadError'
}

/** The read or write buffer would grow past its limit. Tornado: iostream.StreamBufferFullError. */
export class StreamBufferFullError extends Error {
  override readonly name = 'StreamBufferFullError'
}

/**
 * TLS failed. `code` names why, as Node and OpenSSL do (`ERR_SSL_WRONG_VERSION_NUMBER`); `cause` is the platform's error.
 * Tornado: ssl.SSLError.
 */
export class SSLError extends Error {
  override readonly name: string = 'SSLError'
  readonly code: string

  constructor(message: string, code: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/**
 * The peer's certificate was not accepted. `code` names why: `CERT_HAS_EXPIRED`, `DEPTH_ZERO_SELF_SIGNED_CERT`,
 * `ERR_TLS_CERT_ALTNAME_INVALID` (another host's) … Tornado: ssl.SSLCertVerificationError.
 */
export class SSLCertVerificationError extends SSLError {
  override readonly name: string = 'SSLCertVerificationError'
}

/**
 * A host has no addresses, or the resolver could not find out. `code` is the resolver's word for why: `ENOTFOUND`,
 * `ETIMEOUT` …; `cause` is its error.
 */
export class ResolverError extends Error {
  override readonly name = 'ResolverError'
  readonly code: string
  /** The host that was looked up. */
  readonly host: string

  constructor(message: string, code: string, host: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.host = host
  }
}

/** What should have been a PROXY header is none. */
export class ProxyProtocolError extends Error {
  override readonly name = 'ProxyProtocolError'
}

/**
 * A proxy refused, or does not speak the protocol it was said to. `code` is its status or reply (`'407'`), or `'EPROTO'`.
 */
export class ProxyError extends Error {
  override readonly name = 'ProxyError'
  readonly code: string

  constructor(message: string, code: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** A process ended with another status than 0. Tornado: process.CalledProcessError. */
export class CalledProcessError extends Error {
  override readonly name = 'CalledProcessError'
  /** The status, or the negative number of the signal that killed the process. */
  readonly returncode: number
  readonly command: string | readonly string[]

  constructor(returncode: number, command: string | readonly string[]) {
    const text = typeof command === 'string' ? command : command.join(' ')
    const end =
      returncode < 0 ? `died with signal ${-returncode}` : `returned non-zero exit status ${returncode}`
    super(`Command ${JSON.stringify(text)} ${end}`)
    this.returncode = returncode
    this.command = command
  }
}

/** The processes of `forkProcesses` ended more often than they may. */
export class TooManyRestartsError extends Error {
  override readonly name = 'TooManyRestartsError'
}
