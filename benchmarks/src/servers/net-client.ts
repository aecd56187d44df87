import { connect, type Socket } from 'node:net'
import type { FetchApp } from '../app-spec.ts'
import { serveClient } from '../client-program.ts'

/** The floor of clients: what comes in one piece is taken for the answer, and nothing in it is looked at. */
export function serve(app: FetchApp): Promise<number> {
  return serveClient(app, async (url) => {
    const { port, host } = new URL(url)
    const request = Buffer.from(`GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    const free: Connection[] = []
    return () =>
      new Promise((resolve, reject) => {
        const connection = free.pop() ?? open(Number(port))
        connection.resolve = (size) => {
          free.push(connection)
          resolve(size)
        }
        connection.reject = reject
        connection.socket.write(request)
      })
  })

  function open(port: number): Connection {
    const socket = connect(port, '127.0.0.1').setNoDelay(true)
    const connection: Connection = { socket, resolve: () => {}, reject: () => {} }
    socket.on('data', () => connection.resolve(app.size)).on('error', (error) => connection.reject(error))
    return connection
  }
}

interface Connection {
  readonly socket: Socket
  resolve: (size: number) => void
  reject: (error: Error) => void
}
