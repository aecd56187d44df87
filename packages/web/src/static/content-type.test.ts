import { expect, it } from 'vitest'
import { contentTypeOf } from './content-type.ts'

it('goes by the last ending of the name, in any case', () => {
  const types = {
    '/a/b.html': 'text/html; charset=UTF-8',
    'B.HTM': 'text/html; charset=UTF-8',
    'a.min.js': 'text/javascript; charset=UTF-8',
    'a.mjs': 'text/javascript; charset=UTF-8',
    'a.json': 'application/json',
    'a.webmanifest': 'application/manifest+json',
    'a.wasm': 'application/wasm',
    'a.woff2': 'font/woff2',
    'a.png': 'image/png',
    'a.jpeg': 'image/jpeg',
    'a.avif': 'image/avif',
    'favicon.ico': 'image/vnd.microsoft.icon',
    'a.svg': 'image/svg+xml',
    'a.pdf': 'application/pdf',
    'a.mp4': 'video/mp4',
    'a.xml': 'text/xml',
    'a.csv': 'text/csv; charset=UTF-8',
    'C:\\a\\b.css': 'text/css; charset=UTF-8',
  }
  for (const [path, type] of Object.entries(types)) expect(contentTypeOf(path), path).toBe(type)
})

it('takes what is compressed as a whole for that, and what it does not know for bytes', () => {
  for (const path of ['a.tar.gz', 'a.tgz', 'a.svgz']) expect(contentTypeOf(path)).toBe('application/gzip')
  for (const path of [
    'a.bz2',
    'a.xz',
    'a.Z',
    'a.br',
    'a',
    '.html',
    'a.',
    'a.b/c',
    '',
    'a.constructor',
    'a.__proto__',
  ])
    expect(contentTypeOf(path), path).toBe('application/octet-stream')
})
