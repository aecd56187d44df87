import { expect, it } from 'vitest'
import { HTTPHeaders } from '../headers.ts'
import { checkTrailers, isTrailerName } from './trailers.ts'

it.each(['ETag', 'X-Checksum', 'Content-Digest', 'Server-Timing', 'grpc-status'])(
  '%s may follow a body',
  (name) => {
    expect(isTrailerName(name)).toBe(true)
    expect(() => checkTrailers(new HTTPHeaders({ [name]: 'x' }))).not.toThrow()
  },
)

it.each([
  'Transfer-Encoding',
  'content-length',
  'Host',
  'Set-Cookie',
  'Authorization',
  'If-None-Match',
  'Trailer',
  'Content-Type',
  'Access-Control-Allow-Origin',
  'Location',
])('%s may not follow a body (RFC 9110 §6.5.1)', (name) => {
  expect(isTrailerName(name)).toBe(false)
  expect(() =>
    checkTrailers(
      new HTTPHeaders([
        ['X-Fine', '1'],
        [name, 'x'],
      ]),
    ),
  ).toThrow('cannot be a trailer')
})
