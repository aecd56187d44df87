import { staticCase } from '../load/static-case.ts'

const group = 'Static files'

export const static1k = staticCase({
  name: 'static-1k',
  group,
  title: '`GET /static/1k.css`, a file of 1 KiB',
  file: { name: '1k.css', size: 1024 },
  connections: 64,
})

export const static10m = staticCase({
  name: 'static-10m',
  group,
  title: '`GET /static/10m.bin`, a file of 10 MiB; 8 connections',
  file: { name: '10m.bin', size: 10 * 2 ** 20 },
  connections: 8,
})
