import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { DNSServer } from '../../test/dns-server.ts'
import { CaresResolver } from './cares-resolver.ts'
import { OverrideResolver } from './override-resolver.ts'
import { DefaultLoopResolver, Resolver, type ResolvedAddress, type ResolveOptions } from './resolver.ts'

afterEach(() => Resolver.configure(null))

/** Answers with what it was asked. */
class EchoResolver extends Resolver {
  isClosed = false

  override async resolve(
    host: string,
    port: number,
    { family }: ResolveOptions = {},
  ): Promise<ResolvedAddress[]> {
    return [{ family: family ?? 'IPv4', address: host, port }]
  }

  override close(): void {
    this.isClosed = true
  }
}

describe('Resolver', () => {
  it('B-net-009 makes the default, until another class is configured', async () => {
    expect(new Resolver()).toBeInstanceOf(DefaultLoopResolver)
    await using dns = await DNSServer.open({ 'a.example': { A: ['192.0.2.1'] } })
    Resolver.configure(CaresResolver, { servers: [dns.address] })
    const resolver = new Resolver()
    expect(resolver).toBeInstanceOf(CaresResolver)
    expect(await resolver.resolve('a.example', 1)).toEqual([
      { family: 'IPv4', address: '192.0.2.1', port: 1 },
    ])
    resolver.close()
    Resolver.configure(null)
    expect(new Resolver()).toBeInstanceOf(DefaultLoopResolver)
  })
})

describe('DefaultLoopResolver', () => {
  it('B-net-008 gives addresses of both kinds, or of the one asked for', async () => {
    using resolver = new DefaultLoopResolver()
    const addresses = await resolver.resolve('localhost', 80)
    expect(addresses).toContainEqual({ family: 'IPv4', address: '127.0.0.1', port: 80 })
    expect(await resolver.resolve('localhost', 80, { family: 'IPv4' })).toEqual([
      { family: 'IPv4', address: '127.0.0.1', port: 80 },
    ])
    expect(await resolver.resolve('::1', 443)).toEqual([{ family: 'IPv6', address: '::1', port: 443 }])
  })

  it('B-net-008 fails for a host that has none', async () => {
    const resolver = new DefaultLoopResolver()
    const host = `${'x'.repeat(64)}.invalid`
    await expect(resolver.resolve(host, 80)).rejects.toMatchObject({
      name: 'ResolverError',
      host,
      code: expect.any(String) as string,
      cause: { syscall: 'getaddrinfo' },
    })
  })

  it('waits no longer than the signal lets it', async () => {
    const resolver = new DefaultLoopResolver()
    const controller = new AbortController()
    const { signal } = controller
    const resolved = resolver.resolve('localhost', 80, { signal })
    controller.abort(new Error('no longer'))
    await expect(resolved).rejects.toThrow('no longer')
    await expect(resolver.resolve('localhost', 80, { signal })).rejects.toThrow('no longer')
  })
})

describe('CaresResolver', () => {
  it('B-plat-005 asks its servers for both kinds at once, IPv6 first', async () => {
    await using dns = await DNSServer.open({
      'both.example': { A: ['192.0.2.1', '192.0.2.2'], AAAA: ['2001:db8:0:0:0:0:0:1'] },
      'four.example': { A: ['192.0.2.4'] },
      'six.example': { AAAA: ['2001:db8:0:0:0:0:0:6'] },
    })
    using resolver = new CaresResolver({ servers: [dns.address] })
    const addressesOf = async (host: string, options?: ResolveOptions): Promise<string[]> => {
      const found = await resolver.resolve(host, 80, options)
      return found.map(({ address }) => address)
    }
    expect(await resolver.resolve('four.example', 8080)).toEqual([
      { family: 'IPv4', address: '192.0.2.4', port: 8080 },
    ])
    const both = await addressesOf('both.example')
    expect(both[0]).toBe('2001:db8::1')
    expect(both.slice(1).toSorted()).toEqual(['192.0.2.1', '192.0.2.2'])
    expect(await addressesOf('six.example')).toEqual(['2001:db8::6'])
    expect(await addressesOf('both.example', { family: 'IPv6' })).toEqual(['2001:db8::1'])
    dns.questions.length = 0
    expect((await addressesOf('both.example', { family: 'IPv4' })).length).toBe(2)
    expect(dns.questions).toEqual(['A both.example'])
  })

  it('B-plat-005 fails with the code of c-ares: no such name, no such address, no answer', async () => {
    await using dns = await DNSServer.open({ 'four.example': { A: ['192.0.2.4'] }, 'silent.example': null })
    using resolver = new CaresResolver({ servers: [dns.address], timeoutMs: 50, tries: 2 })
    await expect(resolver.resolve('none.example', 80)).rejects.toMatchObject({
      name: 'ResolverError',
      code: 'ENOTFOUND',
      host: 'none.example',
      message: expect.stringMatching(
        /^C-Ares returned error ENOTFOUND: .* while resolving none\.example$/,
      ) as string,
    })
    await expect(resolver.resolve('four.example', 80, { family: 'IPv6' })).rejects.toMatchObject({
      code: 'ENODATA',
    })
    await expect(resolver.resolve('silent.example', 80)).rejects.toMatchObject({ code: 'ETIMEOUT' })
    expect(dns.questions.filter((question) => question === 'A silent.example').length).toBe(2)
  })

  it('B-plat-005 asks nobody for addresses in numbers, and refuses those of the other kind', async () => {
    using resolver = new CaresResolver({ servers: ['127.0.0.1:1'] })
    expect(await resolver.resolve('192.0.2.7', 80)).toEqual([
      { family: 'IPv4', address: '192.0.2.7', port: 80 },
    ])
    expect(await resolver.resolve('::1', 80, { family: 'IPv6' })).toHaveLength(1)
    await expect(resolver.resolve('192.0.2.7', 80, { family: 'IPv6' })).rejects.toThrow(
      'Requested socket family IPv6 but got IPv4',
    )
  })

  it('knows localhost and the hosts file without asking', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hosts-'))
    const hostsFile = join(folder, 'hosts')
    writeFileSync(
      hostsFile,
      '# names\n192.0.2.9\tDB.example db # the database\nnonsense db\n2001:db8::9 db\n',
    )
    using resolver = new CaresResolver({ servers: ['127.0.0.1:1'], hostsFile })
    expect((await resolver.resolve('db.example', 1)).map(({ address }) => address)).toEqual(['192.0.2.9'])
    expect((await resolver.resolve('db', 1)).map(({ address }) => address)).toEqual([
      '192.0.2.9',
      '2001:db8::9',
    ])
    expect((await resolver.resolve('db', 1, { family: 'IPv6' })).map(({ address }) => address)).toEqual([
      '2001:db8::9',
    ])
    for (const host of ['localhost', 'api.localhost.']) {
      expect((await resolver.resolve(host, 1)).map(({ address }) => address)).toEqual(['127.0.0.1', '::1'])
    }
    rmSync(folder, { recursive: true })
  })

  it('gives up when it is told to, or closed', async () => {
    await using dns = await DNSServer.open({ 'silent.example': null })
    const resolver = new CaresResolver({ servers: [dns.address] })
    const controller = new AbortController()
    const resolved = resolver.resolve('silent.example', 80, { signal: controller.signal })
    controller.abort(new Error('no longer'))
    await expect(resolved).rejects.toThrow('no longer')
    const pending = resolver.resolve('silent.example', 80, { family: 'IPv4' })
    // The hosts file is read first.
    while (dns.questions.length < 3) await new Promise((resolve) => setImmediate(resolve))
    resolver.close()
    await expect(pending).rejects.toMatchObject({ code: 'ECANCELLED' })
  })
})

describe('OverrideResolver', () => {
  it('B-net-011 the most exact key of the mapping counts', async () => {
    const resolver = new OverrideResolver({
      resolver: new EchoResolver(),
      mapping: {
        'a.example': '192.0.2.1',
        'a.example:443': { host: '192.0.2.2', port: 1443 },
        'a.example:443:IPv6': { host: '2001:db8::3', port: 2443 },
        'b.example:80': 'other.example',
      },
    })
    expect(await resolver.resolve('a.example', 80)).toEqual([
      { family: 'IPv4', address: '192.0.2.1', port: 80 },
    ])
    expect(await resolver.resolve('a.example', 443)).toMatchObject([{ address: '192.0.2.2', port: 1443 }])
    expect(await resolver.resolve('a.example', 443, { family: 'IPv4' })).toMatchObject([
      { address: '192.0.2.2' },
    ])
    expect(await resolver.resolve('a.example', 443, { family: 'IPv6' })).toEqual([
      { family: 'IPv6', address: '2001:db8::3', port: 2443 },
    ])
    expect(await resolver.resolve('b.example', 80)).toMatchObject([{ address: 'other.example', port: 80 }])
    expect(await resolver.resolve('b.example', 81)).toMatchObject([{ address: 'b.example', port: 81 }])
    expect(await resolver.resolve('constructor', 1)).toMatchObject([{ address: 'constructor' }])
  })

  it('B-net-011 closes the resolver that it asks', () => {
    const inner = new EchoResolver()
    new OverrideResolver({ resolver: inner, mapping: {} }).close()
    expect(inner.isClosed).toBe(true)
  })
})
