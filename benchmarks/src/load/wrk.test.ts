import { describe, expect, it } from 'vitest'
import { parseWrkOutput, wrkScript } from './wrk.ts'

/** What wrk 4.1 prints, without its latencies. */
function output(total: string, ...problems: string[]): string {
  return [
    'Running 2s test @ http://127.0.0.1:8888/',
    '  1 threads and 64 connections',
    '  Thread Stats   Avg      Stdev     Max   +/- Stdev',
    '    Latency   700.37us  216.31us   8.17ms   95.52%',
    '    Req/Sec    91.68k     5.31k   99.47k    80.00%',
    `  ${total}, 12.34MB read`,
    ...problems.map((problem) => `  ${problem}`),
    'Requests/sec:  91204.12',
    'Transfer/sec:     18.79MB',
    '',
  ].join('\n')
}

describe('parseWrkOutput', () => {
  it('reads requests and time', () => {
    expect(parseWrkOutput(output('182456 requests in 2.00s'))).toEqual({
      done: 182_456,
      failed: 0,
      seconds: 2,
    })
    expect(parseWrkOutput(output('9 requests in 1.50m'))).toEqual({ done: 9, failed: 0, seconds: 90 })
  })

  it('knows the unit of a run that was interrupted', () => {
    expect(parseWrkOutput(output('30000 requests in 305.50ms')).seconds).toBeCloseTo(0.3055)
  })

  it('takes wrong answers from what was done, and counts broken connections', () => {
    const result = parseWrkOutput(
      output(
        '1000 requests in 1.00s',
        'Socket errors: connect 1, read 2, write 3, timeout 4',
        'Non-2xx or 3xx responses: 100',
      ),
    )
    expect(result).toEqual({ done: 900, failed: 110, seconds: 1 })
  })

  it('refuses what is no result', () => {
    expect(() => parseWrkOutput('unable to connect to 127.0.0.1:1 Connection refused')).toThrow(
      'Connection refused',
    )
  })
})

describe('wrkScript', () => {
  it('sends the exact bytes, which Lua would change in a long string', () => {
    const script = wrkScript({
      request: { method: 'POST', path: '/', headers: {}, body: 'a="\\1"' },
      pipelining: 1,
    })
    expect(script).toContain(
      String.raw`"POST / HTTP/1.1\013\010Host: 127.0.0.1\013\010Content-Length: 6\013\010\013\010a=\034\0921\034"`,
    )
  })

  it('repeats the request as often as it is pipelined', () => {
    const script = wrkScript({ request: { method: 'GET', path: '/', headers: {} }, pipelining: 16 })
    expect(script.split('GET / HTTP/1.1')).toHaveLength(17)
  })
})
