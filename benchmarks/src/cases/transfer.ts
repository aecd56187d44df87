import { transferCase } from '../load/transfer-case.ts'

const group = 'Large bodies'
const size = 64 * 2 ** 20

export const upload = transferCase({
  name: 'transfer-up',
  group,
  title: 'Chunked uploads of 64 MiB in chunks of 64 KiB, counted as they come; 4 connections',
  app: { kind: 'upload', size },
  connections: 4,
})

export const download = transferCase({
  name: 'transfer-down',
  group,
  title:
    'Chunked downloads of 64 MiB, written in pieces of 64 KiB, no faster than they are taken; 4 connections',
  app: { kind: 'download', size },
  connections: 4,
})
