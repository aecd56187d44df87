import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HTTPHeaders, type ReceivedFields } from './headers.ts'

/** Fields that count how often one is cut out. */
class CountedFields implements ReceivedFields {
  cuts = 0
  readonly #lines: readonly (readonly [string, string])[]

  constructor(lines: readonly (readonly [string, string])[]) {
    this.#lines = lines
  }

  get fieldCount(): number {
    return this.#lines.length
  }

  fieldName(index: number): string {
    return this.#lines[index]![0]
  }

  fieldValue(index: number): string {
    this.cuts++
    return this.#lines[index]![1]
  }

  findField(name: string, from: number): number {
    return this.#lines.findIndex(([own], index) => index >= from && own.toLowerCase() === name.toLowerCase())
  }
}

describe('HTTPHeaders', () => {
  it('B-httputil-001 keeps names as Http-Header-Case', () => {
    const headers = new HTTPHeaders()
    for (const name of ['content-MD5', 'ETag', 'WWW-authenticate', 'x--y', '-x', 'host'])
      headers.add(name, '1')
    expect([...headers.keys()]).toEqual(['Content-Md5', 'Etag', 'Www-Authenticate', 'X--Y', '-X', 'Host'])
  })

  it('B-httputil-002 finds names in any case, joins values with a comma and keeps the order', () => {
    const headers = new HTTPHeaders([
      ['B', '1'],
      ['a', '2'],
      ['b', '3'],
    ])
    expect(headers.get('b')).toBe('1,3')
    expect(headers.getList('B')).toEqual(['1', '3'])
    expect([...headers]).toEqual([
      ['B', '1,3'],
      ['A', '2'],
    ])
    expect([...headers.getAll()]).toEqual([
      ['B', '1'],
      ['A', '2'],
      ['B', '3'],
    ])
    expect([...headers.values()]).toEqual(['1,3', '2'])
    expect([headers.get('c'), headers.getList('c'), headers.has('c'), headers.has('A')]).toEqual([
      undefined,
      [],
      false,
      true,
    ])
  })

  it('B-httputil-003 B-httputil-006 refuses names that are no token and values with control characters', () => {
    for (const name of ['', 'a b', 'a:', 'é', 'a\r', '(x)', 'a\0']) {
      expect(() => new HTTPHeaders().add(name, 'x')).toThrow(
        expect.objectContaining({ name: 'HTTPOutputError' }),
      )
      expect(() => new HTTPHeaders().set(name, 'x')).toThrow(
        expect.objectContaining({ name: 'HTTPOutputError' }),
      )
    }
    for (const bad of ['\r', '\n', '\0', '\x1f', '\x7f', '\u0100', '\u010a', '\ud800']) {
      for (const value of [bad, `a${bad}b`, `${'long '.repeat(30)}${bad}`]) {
        expect(() => new HTTPHeaders().add('X', value)).toThrow(
          expect.objectContaining({ name: 'HTTPOutputError' }),
        )
        expect(() => HTTPHeaders.parse(`X: a${bad === '\n' ? '\x01' : bad}b`)).toThrow(
          expect.objectContaining({ name: 'HTTPInputError' }),
        )
      }
    }
    expect(new HTTPHeaders({ X: 'a\tb é \u0085\u00a0' }).get('x')).toBe('a\tb é \u0085\u00a0')
    expect(() => new HTTPHeaders().add('X', 5 as unknown as string)).toThrow(TypeError)
  })

  it('B-httputil-004 parses lines that end in CR LF or LF, and refuses malformed ones', () => {
    const headers = HTTPHeaders.parse('Foo: \t bar \t\r\nbaz:qux\nEmpty:\r\n\r\n')
    expect([...headers.getAll()]).toEqual([
      ['Foo', 'bar'],
      ['Baz', 'qux'],
      ['Empty', ''],
    ])
    for (const bad of ['no colon', ': no name', 'space : x', 'tab\t: x']) {
      expect(() => HTTPHeaders.parse(bad)).toThrow(
        expect.objectContaining({ name: 'HTTPInputError', status: 400 }),
      )
    }
  })

  it('B-httputil-005 joins folded lines with a space', () => {
    const headers = HTTPHeaders.parse('Foo: a\r\n b\r\n\tc  \r\nBar: d')
    expect([headers.get('foo'), headers.get('bar')]).toEqual(['a b c', 'd'])
    expect(() => HTTPHeaders.parse(' Foo: a')).toThrow('First header line cannot start with whitespace')
  })

  it('replaces all values by one in the place of the first', () => {
    const headers = new HTTPHeaders([
      ['A', '1'],
      ['B', '2'],
      ['A', '3'],
    ])
    headers.set('a', '4')
    expect(headers.toString()).toBe('A: 4\nB: 2\n')
    expect(headers.delete('A')).toBe(true)
    expect(headers.delete('A')).toBe(false)
    expect(headers.pop('b')).toBe('2')
    expect(headers.lineCount).toBe(0)
  })

  it('copies, updates and clears', () => {
    const headers = new HTTPHeaders({ A: '1' })
    const copy = headers.copy()
    copy.update({ a: '2', B: '3' })
    expect(copy.setDefault('c', '4')).toBe('4')
    expect(copy.setDefault('C', '5')).toBe('4')
    expect([...copy.items()]).toEqual([
      ['A', '2'],
      ['B', '3'],
      ['C', '4'],
    ])
    expect(headers.get('A')).toBe('1')
    copy.clear()
    expect([...copy]).toEqual([])
  })

  it('sends the same lines whether they were prepared or not, however copies are changed', () => {
    const prepared = new HTTPHeaders([
      ['A', '1'],
      ['B', '2'],
    ])
    prepared.prepareWire()
    expect(prepared.toWire()).toBe('A: 1\r\nB: 2\r\n')
    const changes: ((headers: HTTPHeaders) => void)[] = [
      (headers) => headers.add('C', '3'),
      (headers) => headers.set('A', '3'),
      (headers) => headers.setUnchecked('B', '3'),
      (headers) => headers.delete('A'),
      (headers) => headers.pop('B'),
      (headers) => headers.clear(),
      (headers) => headers.update({ a: '4', D: '5' }),
      (headers) => headers.parseLine('e: 6'),
    ]
    for (const change of changes) {
      const copy = prepared.copy()
      change(copy)
      expect(copy.toWire()).toBe([...copy.getAll()].map(([name, value]) => `${name}: ${value}\r\n`).join(''))
    }
    expect(prepared.toWire()).toBe('A: 1\r\nB: 2\r\n')
  })

  it('takes names of Object’s own for names', () => {
    const headers = new HTTPHeaders([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ])
    expect([headers.get('__proto__'), headers.get('Constructor'), headers.get('toString')]).toEqual([
      'a',
      'b',
      undefined,
    ])
  })

  it('is linear in what is added', () => {
    const headers = new HTTPHeaders()
    for (let i = 0; i < 100_000; i++) headers.add('X', '1')
    expect(headers.get('X')).toHaveLength(199_999)
    expect([...headers]).toHaveLength(1)
    headers.set('x', '2')
    expect(headers.lineCount).toBe(1)
  })

  it('cuts received fields out only when they are asked for', () => {
    const received = new CountedFields([
      ['hOST', 'x'],
      ['a', '1'],
      ['A', '2'],
    ])
    const headers = HTTPHeaders.fromReceived(received)
    expect([headers.lineCount, headers.has('host'), received.cuts]).toEqual([3, true, 0])
    expect([headers.get('a'), headers.get('b'), received.cuts]).toEqual(['1,2', undefined, 2])
    headers.set('Host', 'y')
    expect([...headers.getAll()]).toEqual([
      ['Host', 'y'],
      ['A', '1'],
      ['A', '2'],
    ])
  })

  it('gives back what was added, however names are spelled (property)', () => {
    const name = fc.stringMatching(/^[a-zA-Z-]{1,6}$/)
    const value = fc.stringMatching(/^[!-~]{0,8}$/)
    fc.assert(
      fc.property(fc.array(fc.tuple(name, value)), (lines) => {
        const headers = new HTTPHeaders(lines)
        const parsed = HTTPHeaders.parse(headers.toString())
        expect([...parsed.getAll()]).toEqual([...headers.getAll()])
        for (const [wanted] of lines) {
          const same = lines
            .filter(([other]) => other.toLowerCase() === wanted.toLowerCase())
            .map(([, own]) => own)
          expect(headers.getList(wanted)).toEqual(same)
          expect(headers.get(wanted.toUpperCase())).toBe(same.join(','))
        }
      }),
    )
  })
})
