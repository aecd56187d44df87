import { join } from 'node:path'
import { expect, it } from 'vitest'
import { interopServer, sha1, streamed, type Seen } from './application.ts'
import { describeWith, findProgram, run, succeeds } from './programs.ts'

interface Report {
  readonly code?: number
  readonly reason?: string
  readonly body?: string
  readonly headers?: [string, string][]
  readonly error?: string
}

const python = findProgram('/usr/bin/python3') ?? findProgram('python3')
const hasTornado = python !== null && succeeds(python, ['-c', 'import tornado'])

describeWith("Python Tornado's simple_httpclient", hasTornado ? python : null, (program) => {
  it('understands every kind of answer, and is understood', async () => {
    await using serving = await interopServer()
    const script = join(import.meta.dirname, 'tornado-client.py')
    const { status, stdout, stderr } = await run(program, [script, `http://127.0.0.1:${serving.port}`])
    expect([stderr, status]).toEqual(['', 0])
    const lines = stdout.toString().trimEnd().split('\n')
    const reports = new Map(lines.map((line) => JSON.parse(line) as [string, Report]))
    const expected: [name: string, code: number, body?: string][] = [
      ['get', 200, 'Hello, world'],
      ['head', 200, ''],
      ['post', 200],
      ['put', 200, `1000000 ${sha1('x'.repeat(1_000_000))}`],
      ['producer', 200, `900000 ${sha1('produced '.repeat(100_000))}`],
      ['continue', 200, `5 ${sha1('hello')}`],
      ['refused', 417, 'not today'],
      ['chunked', 200, streamed(100)],
      ['streaming', 200, ''],
      ['gzip', 200, 'Hello, compressed world. '.repeat(100)],
      ['plain', 200, 'Hello, compressed world. '.repeat(100)],
      ['until close', 200, 'to the end'],
      ['not modified', 304, ''],
      ['redirect', 200, 'Hello, world'],
      ['not followed', 302, ''],
      ['missing', 404, ''],
    ]
    for (const [name, code, body] of expected) {
      const report = reports.get(name)
      expect([name, report?.error, report?.code]).toEqual([name, undefined, code])
      if (body !== undefined) expect([name, report?.body]).toEqual([name, body])
    }
    expect(reports.get('pieces')!.body).toBe(streamed(100))
    const seen = JSON.parse(reports.get('post')!.body!) as Seen
    expect([seen.method, seen.names]).toEqual(['POST', ['a', 'b']])
    expect(Object.fromEntries(reports.get('gzip')!.headers!)).toMatchObject({
      'x-consumed-content-encoding': 'gzip',
    })
  })
})
