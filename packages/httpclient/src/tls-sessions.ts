/** Sessions of TLS that servers have offered, so that further connections need no full handshake (RFC 8446 §2.2). */
export class TLSSessions {
  readonly #sessions = new Map<string, Buffer>()

  /** For a connection whose key tells all that decides who it may speak to, and with what certificates. */
  optionsFor(key: string): { tlsSession: Buffer | undefined; onTlsSession: (session: Buffer) => void } {
    return {
      tlsSession: this.#sessions.get(key),
      onTlsSession: (session) => this.#keep(key, session),
    }
  }

  drop(key: string): void {
    this.#sessions.delete(key)
  }

  clear(): void {
    this.#sessions.clear()
  }

  #keep(key: string, session: Buffer): void {
    this.#sessions.delete(key)
    if (this.#sessions.size >= maxSessions) this.#sessions.delete(this.#sessions.keys().next().value!)
    this.#sessions.set(key, session)
  }
}

const maxSessions = 100
