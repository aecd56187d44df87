import { describe, expect, expectTypeOf, it } from 'vitest'
import { defineOptions } from './define-options.ts'
import { OptionError } from './errors.ts'
import { OptionParser } from './option-parser.ts'

describe('defineOptions', () => {
  it('gives values that are typed by the schema', () => {
    const parser = new OptionParser()
    const calls: number[] = []
    const values = defineOptions(
      {
        port: { default: 8888, help: 'port to listen on', callback: (port: number) => calls.push(port) },
        name: { default: 'lobby' },
        debug: { type: 'bool', default: false },
        peers: { multiple: true },
        ports: { type: 'int', multiple: true, default: [1, 2] },
        since: { type: 'date' },
        timeoutMs: { type: 'duration', default: 1000 },
        ratio: { type: 'float', default: null },
        url: { type: (text) => new URL(text) },
      },
      { parser },
    )
    expectTypeOf(values).toEqualTypeOf<{
      port: number
      name: string
      debug: boolean
      peers: string[]
      ports: number[]
      since: Date | null
      timeoutMs: number
      ratio: number | null
      url: URL | null
    }>()
    const rest = parser.parseCommandLine([
      '--port=80',
      '--peers=a,b',
      '--ports=3:5',
      '--since=2026-05-20',
      '--timeout-ms=5m',
      '--url=http://chat.test/',
      'serve',
    ])
    expect(rest).toEqual(['serve'])
    expect({ ...values }).toEqual({
      port: 80,
      name: 'lobby',
      debug: false,
      peers: ['a', 'b'],
      ports: [3, 4, 5],
      since: new Date(2026, 4, 20),
      timeoutMs: 300_000,
      ratio: null,
      url: new URL('http://chat.test/'),
    })
    expect(calls).toEqual([80])
  })

  it('sets options, with the check of their types, and has no other properties', () => {
    const parser = new OptionParser()
    const values = defineOptions({ port: { default: 80 } }, { parser })
    values.port = 443
    expect(parser.port).toBe(443)
    parser.port = 8443
    expect(values.port).toBe(8443)
    expect(() => {
      // @ts-expect-error -- no number
      values.port = 'x'
    }).toThrow(OptionError)
    expect(() => {
      // @ts-expect-error -- no such option
      values.prot = 1
    }).toThrow(TypeError)
    expect(values.toString).toBeUndefined()
  })

  it('checks the types of callbacks', () => {
    const parser = new OptionParser()
    const ports: unknown[] = []
    // @ts-expect-error -- the option is a number
    defineOptions({ port: { default: 80, callback: (port: string) => void ports.push(port) } }, { parser })
    parser.parseCommandLine(['--port=1'])
    expect(ports).toEqual([1])
  })

  it('B-opt-014 puts them in a group, by default that of the file', () => {
    const parser = new OptionParser()
    defineOptions({ a: { default: 1 }, b: { default: 2, group: 'other' } }, { parser, group: 'application' })
    defineOptions({ c: { default: 3 } }, { parser })
    expect({ ...parser.groupDict('application') }).toEqual({ a: 1 })
    expect({ ...parser.groupDict('other') }).toEqual({ b: 2 })
    expect({ ...parser.groupDict(import.meta.filename) }).toEqual({ c: 3 })
    expect(() => defineOptions({ a: {} }, { parser })).toThrow(`already defined in ${import.meta.filename}`)
  })

  it('keeps names that objects inherit', () => {
    const parser = new OptionParser()
    const schema = JSON.parse('{"__proto__": {"default": 1}, "constructor": {"default": "x"}}') as {
      constructor: { default: string }
    }
    const values = defineOptions(schema as never, { parser })
    expect(Object.entries(values)).toEqual([
      ['__proto__', 1],
      ['constructor', 'x'],
    ])
    expect(Object.getPrototypeOf(values)).toBeNull()
  })
})
