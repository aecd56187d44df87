import { websocketCase } from '../load/websocket-case.ts'

const text = 'twenty bytes of text'

export const wsEcho = websocketCase({
  name: 'ws-echo',
  title: 'A message of 20 bytes comes back, then the next is sent; 64 connections',
  unit: 'message',
  app: { kind: 'ws-echo' },
  connections: 64,
  messages: 1,
  payload: text,
})

export const wsFrames = websocketCase({
  name: 'ws-frames',
  title: '32 messages of 20 bytes in one segment come back, then the next 32 are sent; 64 connections',
  unit: 'message',
  app: { kind: 'ws-echo' },
  connections: 64,
  messages: 32,
  payload: text,
})

export const wsBroadcast = websocketCase({
  name: 'ws-broadcast',
  title: 'A message of 20 bytes goes to 2,000 connections, then the next is sent',
  unit: 'delivery',
  app: { kind: 'ws-broadcast' },
  connections: 2000,
  messages: 1,
  payload: text,
})

/** About 1 KiB of JSON. */
export const wsDeflatePayload: string = JSON.stringify({
  items: Array.from({ length: 11 }, (_, id) => ({
    id,
    name: `item number ${id}`,
    price: (id * 37) % 100,
    tags: ['a', 'b'],
    at: 1_700_000_000 + id * 977,
  })),
})

export const wsDeflate = websocketCase({
  name: 'ws-deflate',
  title: 'About 1 KiB of JSON comes back, compressed both ways with the window kept; 64 connections',
  unit: 'message',
  app: { kind: 'ws-deflate' },
  connections: 64,
  messages: 1,
  payload: wsDeflatePayload,
})
