import { socketCase } from '../load/socket-case.ts'

const group = 'Bare sockets'

export const echoLines = socketCase({
  name: 'echo-lines',
  group,
  title: 'A line of 64 bytes comes back, then the next is sent; 64 connections',
  unit: 'line',
  app: { kind: 'lines' },
  connections: 64,
})

export const echoStream = socketCase({
  name: 'echo-stream',
  group,
  title: 'Bytes are sent as fast as they are taken, and come back; one connection',
  unit: 'MiB',
  app: { kind: 'stream' },
  connections: 1,
})
