import { describe, expect, expectTypeOf, it } from 'vitest'
import { HelpRequested, OptionError } from './errors.ts'
import { Option } from './option.ts'
import { OptionParser } from './option-parser.ts'

function chatOptions(): OptionParser {
  const parser = new OptionParser({ program: 'chat' })
  parser.define('port', { default: 80 })
  parser.define('name', { default: 'lobby' })
  parser.define('debug', { default: false })
  return parser
}

describe('names', () => {
  it('B-opt-001 "-" and "_" are alike in attributes, items, arguments and definitions', () => {
    const parser = new OptionParser()
    parser.define('foo-bar', { default: 1 })
    parser.define('foo_baz', { default: 2 })
    expect([parser['foo-bar'], parser['foo_bar'], parser.get('foo-bar'), parser.get('foo_bar')]).toEqual([
      1, 1, 1, 1,
    ])
    expect([parser['foo-baz'], parser.foo_baz]).toEqual([2, 2])
    parser.foo_bar = 3
    parser['foo-baz'] = 4
    expect([parser.get('foo-bar'), parser.get('foo_baz')]).toEqual([3, 4])
    parser.parseCommandLine(['--foo_bar=5', '--foo-baz=6'])
    expect([parser.foo_bar, parser.foo_baz]).toEqual([5, 6])
    expect(parser.has('foo-bar') && parser.has('foo_bar')).toBe(true)
    expect([...parser]).toEqual(['help', 'foo-bar', 'foo_baz'])
  })

  it('B-opt-001 the humps of camelCase are alike too', () => {
    const parser = new OptionParser()
    parser.define('logFilePrefix', { default: 'a' })
    parser.define('maxHTTPSize2Go', { default: 'b' })
    expect(parser.logFilePrefix).toBe('a')
    parser.parseCommandLine(['--log-file-prefix=c', '--max-http-size2-go=d'])
    expect([parser.logFilePrefix, parser.log_file_prefix, parser['max-http-size2-go']]).toEqual([
      'c',
      'c',
      'd',
    ])
    expect([...parser]).toEqual(['help', 'logFilePrefix', 'maxHTTPSize2Go'])
  })

  it('B-opt-001 an option cannot be defined twice, and the error names the file', () => {
    const parser = new OptionParser()
    parser.define('foo-bar')
    for (const name of ['foo-bar', 'foo_bar', 'fooBar']) {
      expect(() => parser.define(name)).toThrow(
        /^Option "foo-bar" is already defined in .*option-parser\.test\.ts$/,
      )
    }
    expect(() => parser.define('help')).toThrow(OptionError)
  })

  it('B-opt-017 an unknown attribute is an error, for reading and writing', () => {
    const parser = chatOptions()
    expect(() => parser.prot).toThrow(/^Unrecognized option "prot", did you mean --port\?$/)
    expect(() => {
      parser.prot = 1
    }).toThrow(OptionError)
    expect(() => parser.get('zebra')).toThrow(/^Unrecognized option "zebra"$/)
    expect(() => parser.set('zebra', 1)).toThrow(expect.objectContaining({ option: 'zebra' }))
    expect(parser.has('zebra')).toBe(false)
  })

  it('is an ordinary object otherwise', async () => {
    const parser = chatOptions()
    expect(String(parser)).toBe('[object Object]')
    expect(await Promise.resolve(parser)).toBe(parser)
    expect(parser).toBeInstanceOf(OptionParser)
    expect(Object.prototype.toString.call(parser)).toBe('[object Object]')
    expect(parser.constructor).toBe(OptionParser)
    expect(Reflect.get(OptionParser.prototype, 'port')).toBeUndefined()
  })

  it('CVE-2014-10064 keeps names that objects inherit apart from them', () => {
    const parser = new OptionParser()
    for (const name of ['__proto__', 'constructor', 'toString', 'then']) {
      expect(parser.has(name)).toBe(false)
      expect(() => parser.get(name)).toThrow(OptionError)
      expect(() => parser.parseCommandLine([`--${name}=1`])).toThrow(OptionError)
      parser.define(name, { default: 'x' })
      expect(parser.get(name)).toBe('x')
    }
    parser.parseCommandLine(['--__proto__=polluted', '--then=y'])
    expect([parser.get('__proto__'), parser.then]).toEqual(['polluted', 'y'])
    const table = parser.asDict()
    expect(Object.keys(table)).toEqual(['help', '__proto__', 'constructor', 'toString', 'then'])
    expect({ ...table }['__proto__']).toBe('polluted')
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    expect(Object.getPrototypeOf({})).toBe(Object.prototype)
  })
})

describe('parseCommandLine', () => {
  it('B-opt-003 takes any number of dashes, and returns what follows the options', () => {
    const parser = chatOptions()
    expect(parser.parseCommandLine(['--port=443', '-name=a=b', '---debug'])).toEqual([])
    expect(parser.asDict()).toEqual({ help: null, port: 443, name: 'a=b', debug: true })
    expect(parser.parseCommandLine(['--port=1', 'rest', '--port=2'])).toEqual(['rest', '--port=2'])
    expect(parser.parseCommandLine(['--port=3', '--', '--port=4', '-x'])).toEqual(['--port=4', '-x'])
    expect(parser.parseCommandLine(['--port=5', '', '--port=6'])).toEqual(['', '--port=6'])
    expect(parser.port).toBe(5)
    expect(parser.parseCommandLine([])).toEqual([])
  })

  it('B-opt-004 takes a flag without a value, and refuses other options without one', () => {
    const parser = chatOptions()
    parser.define('flags', { type: 'bool', multiple: true })
    parser.parseCommandLine(['--debug', '--flags'])
    expect([parser.debug, parser.flags]).toEqual([true, [true]])
    expect(() => parser.parseCommandLine(['--port'])).toThrow('Option "port" requires a value')
    expect(() => parser.parseCommandLine(['--name'])).toThrow(OptionError)
    parser.parseCommandLine(['--name='])
    expect(parser.name).toBe('')
  })

  it('B-opt-004 names an unknown option, and the one that may be meant', () => {
    const parser = chatOptions()
    const message = (...args: string[]): string => {
      try {
        parser.parseCommandLine(args)
      } catch (error) {
        expect(error).toBeInstanceOf(OptionError)
        return (error as OptionError).message
      }
      return ''
    }
    expect(message('--prot=1')).toBe('Unrecognized command line option "--prot", did you mean --port?')
    expect(message('--Port', 'x')).toBe('Option "Port" requires a value')
    expect(message('--zebra')).toBe('Unrecognized command line option "--zebra"')
    expect(message('-')).toBe('Unrecognized command line option "--"')
    expect(message('--=1')).toBe('Unrecognized command line option "--"')
    expect(message(`--${'x'.repeat(100_000)}`)).toContain('Unrecognized')
  })

  it('B-opt-012 a later source wins', () => {
    const parser = chatOptions()
    parser.parseCommandLine(['--port=1', '--port=2'], { final: false })
    expect(parser.port).toBe(2)
    parser.parseCommandLine(['--port=3'])
    expect(parser.port).toBe(3)
  })

  it('B-opt-013 throws the help of given arguments', () => {
    const parser = chatOptions()
    const parse = (): string[] => parser.parseCommandLine(['--port=5', '--help', '--port=6'])
    expect(parse).toThrow(HelpRequested)
    expect(parse).toThrow(expect.objectContaining({ help: parser.formatHelp() }))
    expect(parser.port).toBe(5)
    parser.parseCommandLine(['--help=false'])
  })
})

describe('callbacks', () => {
  it('B-opt-010 run after each value that is parsed or set, not at the definition', () => {
    const parser = new OptionParser()
    const values: unknown[] = []
    const port = parser.define('port', { default: 80, callback: (value) => values.push(value) })
    parser.define('peers', { type: 'int', multiple: true, callback: (value) => values.push(value) })
    expect(values).toEqual([])
    parser.parseCommandLine(['--port=1', '--peers=1,2'])
    parser.port = 2
    parser.set('peers', [3])
    port.set(4)
    expect(values).toEqual([1, [1, 2], 2, [3], 4])
    expect(() => port.parse('x')).toThrow(OptionError)
    expect(values).toHaveLength(5)
  })

  it('B-opt-010 of parsing run when the last source is parsed', () => {
    const parser = chatOptions()
    const calls: unknown[] = []
    parser.addParseCallback(() => calls.push(parser.port))
    parser.parseCommandLine(['--port=1'], { final: false })
    expect(calls).toEqual([])
    parser.parseCommandLine(['--port=2'])
    expect(calls).toEqual([2])
    parser.parseEnvironment({ prefix: 'X_', env: {} })
    parser.runParseCallbacks()
    expect(calls).toEqual([2, 2, 2])
  })

  it('can parse a file in the middle of the arguments', () => {
    const parser = chatOptions()
    parser.define('config', { type: 'string', callback: (path) => parser.set('name', `from ${path}`) })
    parser.parseCommandLine(['--name=a', '--config=x.json'])
    expect(parser.name).toBe('from x.json')
    parser.parseCommandLine(['--config=x.json', '--name=a'])
    expect(parser.name).toBe('a')
  })
})

describe('setting in code', () => {
  it('B-opt-009 checks the type, and takes null', () => {
    const parser = chatOptions()
    parser.define('ratio', { type: 'float' })
    parser.define('since', { type: 'date' })
    parser.define('timeoutMs', { type: 'duration' })
    const wrong: [string, unknown][] = [
      ['port', '80'],
      ['port', 1.5],
      ['port', Number.NaN],
      ['port', [80]],
      ['name', 1],
      ['debug', 'true'],
      ['debug', 0],
      ['ratio', '1'],
      ['since', 5],
      ['since', new Date('never')],
      ['timeoutMs', '1s'],
      ['timeoutMs', Number.POSITIVE_INFINITY],
      ['port', undefined],
    ]
    for (const [name, value] of wrong) expect(() => parser.set(name, value)).toThrow(/must be of type/)
    for (const name of parser) if (name !== 'help') parser.set(name, null)
    expect(parser.port).toBe(null)
    parser.ratio = 1
    parser.timeoutMs = 0.5
    expect(() => {
      parser.port = 'x'
    }).toThrow('Option "port" must be of type integer, not string')
  })

  it('B-opt-009 needs a list of the type for multiple', () => {
    const parser = new OptionParser()
    parser.define('ports', { type: 'int', multiple: true })
    expect(() => parser.set('ports', 80)).toThrow('Option "ports" must be a list of type integer')
    expect(() => parser.set('ports', ['80'])).toThrow(OptionError)
    expect(() => parser.set('ports', null)).toThrow(OptionError)
    parser.set('ports', [80, null])
    expect(parser.ports).toEqual([80, null])
  })

  it('checks defaults', () => {
    const parser = new OptionParser()
    expect(() => parser.define('a', { type: 'int', default: 'x' })).toThrow(OptionError)
    expect(() => parser.define('b', { multiple: true, default: 'x' })).toThrow(OptionError)
    expect(() => parser.define('c', { default: {} })).toThrow(OptionError)
    // @ts-expect-error -- no such type
    expect(() => parser.define('d', { type: 'complex' })).toThrow('Unknown type "complex" of option "d"')
    expect([...parser]).toEqual(['help'])
  })
})

describe('groups', () => {
  it('B-opt-014 defaults to the defining file; items, iteration and membership', () => {
    const parser = new OptionParser()
    parser.define('a', { default: 1, group: 'application' })
    parser.define('b_c', { default: 2, group: 'application' })
    const option = parser.define('d', { default: 3 })
    expect(option.group).toBe(import.meta.filename)
    expect(option.file).toBe(import.meta.filename)
    expect(parser.groups()).toEqual(new Set(['', 'application', import.meta.filename]))
    expect({ ...parser.groupDict('application') }).toEqual({ a: 1, b_c: 2 })
    expect({ ...parser.groupDict('none') }).toEqual({})
    expect(parser.groupDict('')).toEqual(parser.asDict())
    expect(parser.asDict()).toEqual({ help: null, a: 1, b_c: 2, d: 3 })
    expect(parser.items()).toEqual([
      ['help', null],
      ['a', 1],
      ['b_c', 2],
      ['d', 3],
    ])
    expect([...parser]).toEqual(['help', 'a', 'b_c', 'd'])
    expect([parser.has('a'), parser.has('b-c'), parser.has('e')]).toEqual([true, true, false])
  })
})

describe('mockable', () => {
  it('B-opt-015 sets options, and restores each once', () => {
    const parser = chatOptions()
    const mocked = parser.mockable()
    mocked.port = 0
    expect([parser.port, mocked.port]).toEqual([0, 0])
    expect(() => {
      mocked.port = 1
    }).toThrow(TypeError)
    expect('port' in mocked).toBe(true)
    delete mocked.port
    expect([parser.port, 'port' in mocked]).toEqual([80, false])
    expect(() => delete mocked.port).toThrow(TypeError)
    expect(() => {
      mocked.zebra = 1
    }).toThrow(OptionError)
    expect(() => {
      mocked.port = 'x'
    }).toThrow(OptionError)
    expect('port' in mocked).toBe(false)
    mocked.port = 2
    delete mocked.port
    expect(parser.port).toBe(80)
  })

  it('B-opt-015 restores all when it is disposed of', () => {
    const parser = chatOptions()
    {
      using mocked = parser.mockable()
      mocked.port = 1
      mocked.name = 'test'
      expect({ ...mocked }).toMatchObject({ port: 1, name: 'test' })
    }
    expect([parser.port, parser.name]).toEqual([80, 'lobby'])
  })
})

describe('parseEnvironment', () => {
  it('reads the variables of the options, and no others', () => {
    const parser = chatOptions()
    parser.define('logFilePrefix', { type: 'string' })
    parser.define('x-y', { type: 'int', multiple: true })
    const env = {
      CHAT_PORT: '1',
      PORT: '2',
      CHAT_LOG_FILE_PREFIX: 'a.log',
      CHAT_X_Y: '1:3',
      CHAT_OTHER: 'x',
      CHAT_NAME: undefined,
    }
    parser.parseEnvironment({ prefix: 'CHAT_', env })
    expect(parser.asDict()).toMatchObject({
      port: 1,
      logFilePrefix: 'a.log',
      'x-y': [1, 2, 3],
      name: 'lobby',
    })
  })

  it('names the variable that is wrong', () => {
    const parser = chatOptions()
    const parse = (): void => parser.parseEnvironment({ prefix: 'CHAT_', env: { CHAT_PORT: 'x' } })
    expect(parse).toThrow('CHAT_PORT: Option "port" must be of type integer, not "x"')
    expect(parse).toThrow(OptionError)
  })

  it('finds no variable that the object inherits', () => {
    const parser = new OptionParser()
    parser.define('proto__')
    parser.define('constructor')
    parser.parseEnvironment({ prefix: '', env: {} })
    expect(parser.asDict()).toEqual({ help: null, proto__: null, constructor: null })
  })
})

it('gives options that are typed by their definition', () => {
  const parser = new OptionParser()
  expectTypeOf(parser.define('a', { default: 80 }).value).toEqualTypeOf<number>()
  expectTypeOf(parser.define('b', { default: 'x' }).value).toEqualTypeOf<string>()
  expectTypeOf(parser.define('c', { default: true }).value).toEqualTypeOf<boolean>()
  expectTypeOf(parser.define('d').value).toEqualTypeOf<string | null>()
  expectTypeOf(parser.define('e', { type: 'int' }).value).toEqualTypeOf<number | null>()
  expectTypeOf(parser.define('f', { type: 'int', default: 1 }).value).toEqualTypeOf<number>()
  expectTypeOf(parser.define('g', { type: 'date', default: null }).value).toEqualTypeOf<Date | null>()
  expectTypeOf(parser.define('h', { default: new Date() }).value).toEqualTypeOf<Date>()
  expectTypeOf(parser.define('i', { multiple: true }).value).toEqualTypeOf<string[]>()
  expectTypeOf(parser.define('j', { type: 'float', multiple: true, default: [1] }).value).toEqualTypeOf<
    number[]
  >()
  expectTypeOf(parser.define('k', { type: 'duration', default: 5 }).value).toEqualTypeOf<number>()
  expectTypeOf(
    parser.define('l', { type: (text: string) => new URL(text) }).value,
  ).toEqualTypeOf<URL | null>()
  expectTypeOf(parser.define('m', { type: BigInt, default: 5n }).value).toEqualTypeOf<bigint>()
  parser.define('n', { type: 'int', callback: (value) => expectTypeOf(value).toEqualTypeOf<number | null>() })
  expectTypeOf(parser.a).toEqualTypeOf<unknown>()
  expect(parser.define('o')).toBeInstanceOf(Option)
})
