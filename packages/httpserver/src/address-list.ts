import { BlockList, isIP } from 'node:net'

/** A set of IP addresses and networks. */
export class AddressList {
  readonly #list = new BlockList()
  readonly #isEmpty: boolean

  /**
   * @param entries Addresses (`10.0.0.1`, `::1`) and networks (`10.0.0.0/8`, `fd00::/8`); `unix` for what a Unix socket's
   *   peer has in place of one, `0.0.0.0`.
   * @param name What a bad entry is reported as a part of.
   * @throws {RangeError} When an entry is neither.
   */
  constructor(entries: readonly string[], name: string) {
    this.#isEmpty = entries.length === 0
    for (const entry of entries) {
      const [address = '', length, ...rest] = entry === 'unix' ? ['0.0.0.0'] : String(entry).split('/')
      const family = isIP(address)
      const bits = family === 4 ? 32 : 128
      const isLength = length === undefined || (/^[0-9]{1,3}$/.test(length) && Number(length) <= bits)
      if (family === 0 || !isLength || rest.length > 0) {
        throw new RangeError(`${name} holds neither an IP address nor a network: ${entry}`)
      }
      const type = family === 4 ? 'ipv4' : 'ipv6'
      if (length === undefined) this.#list.addAddress(address, type)
      else this.#list.addSubnet(address, Number(length), type)
    }
  }

  has(address: string): boolean {
    if (this.#isEmpty) return false
    return this.#list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  }
}
