import { expectLog } from '@tornado-ts/log/testing'
import { once } from 'node:events'
import { chmodSync, existsSync, lstatSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, Server, type Socket } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import { afterAll, describe, expect, it, vi } from 'vitest'
import { addAcceptHandler } from './accept-handler.ts'
import { bindSockets } from './bind-sockets.ts'
import { bindUnixSocket } from './bind-unix-socket.ts'
import { BoundSocket, toBindError } from './bound-socket.ts'
import type { PeerAddress } from './peer-address.ts'

const folder = mkdtempSync(join(tmpdir(), 'bind-'))
afterAll(() => rmSync(folder, { recursive: true }))

const hasIPv6 = Object.values(networkInterfaces())
  .flat()
  .some((each) => each?.address === '::1')

/** The addresses of some sockets, which are then closed. */
function closeAll(sockets: readonly BoundSocket[]): { address: string; port: number; family: string }[] {
  const addresses = sockets.map((socket) => socket.address()!)
  for (const socket of sockets) socket.close()
  return addresses
}

async function connected(where: { port: number; host: string } | { path: string }): Promise<Socket> {
  const socket = connect(where)
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

describe('bindSockets', () => {
  it.skipIf(!hasIPv6)('B-net-001 B-net-002 binds IPv4 before IPv6, both to one unused port', async () => {
    const sockets = await bindSockets(0)
    const [four, six] = sockets.map((socket) => socket.address()!)
    expect(sockets).toHaveLength(2)
    expect([four!.family, six!.family]).toEqual(['IPv4', 'IPv6'])
    expect(four!.port).toBeGreaterThan(0)
    expect(six!.port).toBe(four!.port)
    // Each takes its own kind only.
    const accepted: string[] = []
    const arrivals = sockets.map((socket, index) => {
      return new Promise<void>((resolve) => {
        addAcceptHandler(socket, (connection, { address }) => {
          accepted.push(`${index} ${address}`)
          connection.destroy()
          resolve()
        })
      })
    })
    const clients = [
      await connected({ host: '127.0.0.1', port: four!.port }),
      await connected({ host: '::1', port: four!.port }),
    ]
    await Promise.all(arrivals)
    expect(accepted.toSorted()).toEqual(['0 127.0.0.1', '1 ::1'])
    for (const client of clients) client.destroy()
    closeAll(sockets)
    closeAll(sockets.slice(0, 0))
    expect(sockets[0]!.address()).toBeNull()
  })

  it('B-net-001 an empty address is as none, a name stands for its addresses, each once', async () => {
    const everywhere = closeAll(await bindSockets(0, { address: '' }))
    expect(everywhere.map(({ address }) => address)).toEqual(hasIPv6 ? ['0.0.0.0', '::'] : ['0.0.0.0'])
    const local = closeAll(await bindSockets(0, { address: 'localhost' }))
    expect(local[0]).toMatchObject({ address: '127.0.0.1', family: 'IPv4' })
    expect(new Set(local.map(({ port }) => port)).size).toBe(1)
    expect(new Set(local.map(({ address }) => address)).size).toBe(local.length)
    const one = closeAll(await bindSockets(0, { address: '127.0.0.2', backlog: 5 }))
    expect(one).toMatchObject([{ address: '127.0.0.2' }])
  })

  it('B-net-001 a port is free again though a connection of it lingers', async () => {
    const [socket] = await bindSockets(0, { address: '127.0.0.1' })
    const { port } = socket!.address()!
    // Who ends first keeps the connection in TIME_WAIT.
    const ended = new Promise((resolve) => {
      addAcceptHandler(socket!, (connection) => connection.resume().end().once('close', resolve))
    })
    const client = await connected({ host: '127.0.0.1', port })
    client.resume()
    await Promise.all([ended, once(client, 'close')])
    socket!.close()
    expect(closeAll(await bindSockets(port, { address: '127.0.0.1' }))).toMatchObject([{ port }])
  })

  it('B-net-001 as many connections wait as are asked for, 128 by default', async () => {
    using listen = vi.spyOn(Server.prototype, 'listen')
    closeAll(await bindSockets(0, { address: '127.0.0.1' }))
    closeAll(await bindSockets(0, { address: '127.0.0.1', backlog: 5 }))
    expect(listen.mock.calls.map(([options]) => options)).toMatchObject([{ backlog: 128 }, { backlog: 5 }])
  })

  it('B-net-003 what the machine lacks is left out, IPv6 and ::1 of localhost', async () => {
    const open = BoundSocket.open.bind(BoundSocket)
    let code = 'EAFNOSUPPORT'
    using _open = vi.spyOn(BoundSocket, 'open').mockImplementation((where) => {
      if (!where.host?.includes(':')) return open(where)
      return Promise.reject(Object.assign(new Error(`listen ${code}`), { code }))
    })
    for (code of ['EAFNOSUPPORT', 'EADDRNOTAVAIL']) {
      for (const address of ['', 'localhost']) {
        const kinds = closeAll(await bindSockets(0, { address })).map(({ family }) => family)
        expect([code, address, kinds]).toEqual([code, address, ['IPv4']])
      }
    }
    await expect(bindSockets(0, { address: '::1' })).rejects.toThrow('not available on this machine')
    code = 'EACCES'
    await expect(bindSockets(0)).rejects.toMatchObject({ cause: { code } })
  })

  it('B-net-001 only the kind of address that is asked for', async () => {
    const four = closeAll(await bindSockets(0, { family: 'IPv4' }))
    expect(four.map(({ family }) => family)).toEqual(['IPv4'])
    if (hasIPv6) {
      const six = closeAll(await bindSockets(0, { family: 'IPv6', address: 'localhost' }).catch(() => []))
      expect(six.map(({ family }) => family)).toEqual(six.map(() => 'IPv6'))
    }
    await expect(bindSockets(0, { family: 'IPv6', address: '127.0.0.1' })).rejects.toThrow('no IPv6 address')
  })

  it('B-net-003 an address that is taken or not of this machine is an error, and nothing stays bound', async () => {
    const [taken] = await bindSockets(0, { address: '127.0.0.1' })
    const { port } = taken!.address()!
    await expect(bindSockets(port, { address: '127.0.0.1' })).rejects.toMatchObject({
      message: `Cannot listen on 127.0.0.1:${port}: address already in use`,
      cause: { code: 'EADDRINUSE' },
    })
    taken!.close()
    await expect(bindSockets(0, { address: '192.0.2.1' })).rejects.toThrow(
      'address not available on this machine',
    )
    await expect(bindSockets(0, { address: `${'x'.repeat(64)}.invalid` })).rejects.toThrow(
      'Cannot listen on xxx',
    )
    if (hasIPv6) {
      // IPv4 would be free, IPv6 is not.
      const [six] = await bindSockets(0, { family: 'IPv6' })
      const sixPort = six!.address()!.port
      await expect(bindSockets(sixPort)).rejects.toThrow('address already in use')
      six!.close()
      closeAll(await bindSockets(sixPort))
    }
    await expect(bindSockets(65_536)).rejects.toThrow(RangeError)
  })

  it('B-net-004 reusePort lets several listen on one port; where it cannot, that is an error', async () => {
    const options = { address: '127.0.0.1', reusePort: true }
    const first = await bindSockets(0, options)
    const { port } = first[0]!.address()!
    const second = await bindSockets(port, options)
    expect(second[0]!.address()).toEqual(first[0]!.address())
    await expect(bindSockets(port, { address: '127.0.0.1' })).rejects.toThrow('address already in use')
    closeAll([...first, ...second])
    const unsupported = Object.assign(new Error('listen ENOTSUP'), { code: 'ENOTSUP' })
    expect(toBindError('port 80', unsupported).message).toBe(
      'Cannot listen on port 80: not supported on this system',
    )
  })
})

describe('addAcceptHandler', () => {
  it('B-net-006 hands out connections until it is taken back, those that came before first', async () => {
    const [socket] = await bindSockets(0, { address: '127.0.0.1', backlog: 2 })
    const { port } = socket!.address()!
    const where = { host: '127.0.0.1', port }
    const early = await connected(where)
    const accepted: [Socket, PeerAddress][] = []
    let onAccept = Promise.withResolvers<void>()
    const accept = (connection: Socket, address: PeerAddress): void => {
      accepted.push([connection, address])
      onAccept.resolve()
    }
    // The connection may still be on its way from the system.
    const remove = addAcceptHandler(socket!, accept)
    await onAccept.promise
    expect(accepted[0]![1]).toEqual({ address: '127.0.0.1', port: early.localPort })
    onAccept = Promise.withResolvers()
    const next = await connected(where)
    await onAccept.promise
    expect(accepted).toHaveLength(2)
    remove()
    const waiting = await connected(where)
    waiting.write('early data')
    const gone = await connected(where)
    gone.resetAndDestroy()
    await once(gone, 'close')
    expect(accepted).toHaveLength(2)
    onAccept = Promise.withResolvers()
    addAcceptHandler(socket!, accept)
    await onAccept.promise
    const [late] = accepted[2]!
    const [chunk] = (await once(late, 'data')) as [Buffer]
    expect(String(chunk)).toBe('early data')
    for (const each of [early, next, waiting, ...accepted.map(([connection]) => connection)]) each.destroy()
    socket!.close()
    socket!.close()
  })

  it('connections beyond the backlog that nobody accepts are closed', async () => {
    const [socket] = await bindSockets(0, { address: '127.0.0.1', backlog: 1 })
    const { port } = socket!.address()!
    const closed: Promise<unknown>[] = []
    const closedNow: Socket[] = []
    for (let i = 0; i < 3; i++) {
      const client = connect({ host: '127.0.0.1', port }).resume()
      closed.push(
        new Promise<void>((resolve) => client.once('close', () => resolve(void closedNow.push(client)))),
      )
      await once(client, 'connect')
    }
    await Promise.race(closed)
    expect(closedNow.length).toBeLessThan(3)
    socket!.close()
    await Promise.all(closed)
  })

  it('an error of the callback is logged and closes the connection', async () => {
    using expected = expectLog('tornado.application', 'Error in connection callback')
    const [socket] = await bindSockets(0, { address: '127.0.0.1' })
    addAcceptHandler(socket!, () => {
      throw new Error('not today')
    })
    const client = await connected({ host: '127.0.0.1', port: socket!.address()!.port })
    await once(client.resume(), 'close')
    expect(expected.matched).toBe(1)
    socket![Symbol.dispose]()
  })
})

describe('bindUnixSocket', () => {
  it('B-net-005 listens with the mode asked for, and removes the file at the end', async () => {
    const path = join(folder, 'modes.sock')
    const umask = process.umask()
    for (const [options, mode] of [
      [{}, 0o600],
      [{ mode: 0o660 }, 0o660],
      [{ mode: 0o777, backlog: 5 }, 0o777],
    ] as const) {
      const socket = await bindUnixSocket(path, options)
      expect(socket.address()).toEqual({ address: path, port: 0, family: 'Unix' })
      expect(lstatSync(path).isSocket()).toBe(true)
      expect(lstatSync(path).mode & 0o777).toBe(mode)
      const accepted = new Promise<PeerAddress>((resolve) =>
        addAcceptHandler(socket, (_, address) => resolve(address)),
      )
      ;(await connected({ path })).destroy()
      expect(await accepted).toEqual({ address: '', port: 0 })
      socket.close()
      expect(existsSync(path)).toBe(false)
    }
    expect(process.umask()).toBe(umask)
  })

  it('B-net-005 removes what a server that is gone left behind', async () => {
    const path = join(folder, 'stale.sock')
    const program = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`
    await once(spawn(process.execPath, ['-e', program]), 'close')
    expect(lstatSync(path).isSocket()).toBe(true)
    const socket = await bindUnixSocket(path)
    ;(await connected({ path })).destroy()
    socket.close()
  })

  it('B-net-005 leaves a living server and other files alone', async () => {
    const path = join(folder, 'live.sock')
    const live = createServer().listen(path)
    await once(live, 'listening')
    await expect(bindUnixSocket(path)).rejects.toMatchObject({
      message: `Cannot listen on ${path}: address already in use`,
      cause: { code: 'EADDRINUSE' },
    })
    ;(await connected({ path })).destroy()
    live.close()
    const file = join(folder, 'file.txt')
    writeFileSync(file, 'precious')
    await expect(bindUnixSocket(file)).rejects.toThrow(
      `Cannot listen on ${file}: file exists and is no socket`,
    )
    expect(existsSync(file)).toBe(true)
    await expect(bindUnixSocket(join(folder, 'missing', 'x.sock'))).rejects.toThrow('Cannot listen on')
    chmodSync(file, 0o600)
  })

  it.skipIf(process.platform !== 'linux')('B-net-005 a leading NUL makes an abstract name', async () => {
    const path = `\0bind-unix-socket-${process.pid}`
    const socket = await bindUnixSocket(path)
    const accepted = new Promise((resolve) => addAcceptHandler(socket, resolve))
    ;(await connected({ path })).destroy()
    await accepted
    await expect(bindUnixSocket(path)).rejects.toThrow('address already in use')
    socket.close()
  })
})
