import { describe, expect, it } from 'vitest'
import { temporaryFiles } from '../../../scripts/vitest/temporary-files.ts'
import { OptionError } from './errors.ts'
import { OptionParser, type ParseConfigFileOptions } from './option-parser.ts'

function chatOptions(): OptionParser {
  const parser = new OptionParser()
  parser.define('port', { default: 80 })
  parser.define('username', { default: 'nobody' })
  parser.define('my_path', { type: 'string' })
  parser.define('debug', { default: false })
  parser.define('since', { type: 'date' })
  parser.define('timeoutMs', { type: 'duration' })
  parser.define('ratio', { type: 'float' })
  parser.define('hosts', { multiple: true })
  parser.define('ports', { type: 'int', multiple: true })
  parser.define('days', { type: 'date', multiple: true })
  return parser
}

function load(
  name: string,
  content: string | Uint8Array,
  settings?: ParseConfigFileOptions,
): Record<string, unknown> {
  const parser = chatOptions()
  parser.parseConfigFile(`${temporaryFiles({ [name]: content })}/${name}`, settings)
  return Object.fromEntries(parser.items().filter(([, value]) => value !== null))
}

describe('JSON', () => {
  it('B-opt-011 sets the options that are defined, parses text, and ignores other names', () => {
    const values = load(
      'chat.json',
      JSON.stringify({
        port: 443,
        username: '李康',
        'my-path': '/srv',
        debug: 'false',
        since: '2026-05-20',
        timeout_ms: '1h 30m',
        ratio: '0.5',
        hosts: 'a,b',
        ports: '1:3,7',
        days: ['2026-05-20', '2026-05-21'],
        other: { nested: true },
        __proto__: { polluted: true },
      }),
    )
    expect(values).toEqual({
      port: 443,
      username: '李康',
      my_path: '/srv',
      debug: false,
      since: new Date(2026, 4, 20),
      timeoutMs: 5_400_000,
      ratio: 0.5,
      hosts: ['a', 'b'],
      ports: [1, 2, 3, 7],
      days: [new Date(2026, 4, 20), new Date(2026, 4, 21)],
    })
  })

  it('B-opt-011 takes values of the type as they are', () => {
    const values = load(
      'chat.json',
      '\uFEFF{"port": "8443", "timeoutMs": 250, "hosts": ["a,b"], "ports": [], "ratio": 2}',
    )
    expect(values).toMatchObject({ port: 8443, timeoutMs: 250, hosts: ['a,b'], ports: [], ratio: 2 })
    expect(load('chat.conf', ' {"port": 1}')).toMatchObject({ port: 1 })
  })

  it.each<[string, string]>([
    ['{"port": "x"}', 'Option "port" must be of type integer, not "x"'],
    ['{"port": 1.5}', 'Option "port" must be of type integer, not 1.5'],
    ['{"username": 5}', 'Option "username" must be of type string, not 5'],
    ['{"hosts": 5}', 'Option "hosts" must be a list of type string, or text with commas between'],
    ['{"hosts": {"a": 1}}', 'Option "hosts" must be a list'],
    ['{"ports": [true]}', 'Option "ports" must be a list of type integer'],
    ['{"days": ["x"]}', 'Option "days" must be of type date, not "x"'],
    ['[1]', 'Cannot read the configuration: the JSON text is no object'],
    ['null', 'Cannot read the configuration: the JSON text is no object'],
    ['{"port": 80', 'Cannot read the configuration: Expected'],
    ['', 'Cannot read the configuration: Unexpected end'],
  ])('B-opt-011 says what is wrong with %s, and in which file', (text, message) => {
    expect(() => load('chat.json', text)).toThrow(OptionError)
    expect(() => load('chat.json', text)).toThrow(message)
    expect(() => load('chat.json', text)).toThrow(/^\/.*chat\.json: /)
  })

  it('refuses a file that is missing or not UTF-8', () => {
    const parser = chatOptions()
    expect(() => parser.parseConfigFile('/nowhere/chat.json')).toThrow(
      '/nowhere/chat.json: Cannot read the configuration: no such file',
    )
    expect(() => load('chat.json', Buffer.from('{"a":"é"}', 'latin1'))).toThrow(OptionError)
  })
})

describe('files of Python Tornado', () => {
  it('B-opt-011 reads assignments of literals, __file__ among them, and ignores other names', () => {
    const parser = chatOptions()
    const root = temporaryFiles({
      'server.conf': `# -*- coding: utf-8 -*-
"""Options of the server."""
port = 443
username = '李康'
my_path = __file__
debug = 'f'
timeoutMs = "90 seconds"
since = '2026-05-20'
hosts = ['a', 'b']
ports = '1:3'
memcache_hosts = 'cache1.example.com:11011,cache2.example.com:11011'
`,
    })
    parser.parseConfigFile(`${root}/server.conf`)
    expect(parser.asDict()).toMatchObject({
      port: 443,
      username: '李康',
      my_path: `${root}/server.conf`,
      debug: false,
      timeoutMs: 90_000,
      since: new Date(2026, 4, 20),
      hosts: ['a', 'b'],
      ports: [1, 2, 3],
    })
  })

  it('runs nothing', () => {
    expect(() => load('server.conf', 'import os\nport = 1\n')).toThrow(
      /server\.conf: Cannot read the configuration: line 1: Expected a name and a literal value, found "import os"$/,
    )
    expect(() => load('server.py', 'port = int("80")')).toThrow('line 1: Expected a name and a literal value')
  })
})

describe('modules', () => {
  const module = 'export const port = 1\nexport default { username: "a", hosts: ["b"] }\n'

  it('are not run unless that is allowed', () => {
    for (const name of ['chat.ts', 'chat.mjs', 'chat.js', 'chat.cjs', 'chat.mts', 'chat.cts']) {
      expect(() => load(name, 'globalThis.ran = true')).toThrow(
        'Cannot read the configuration: a module is run to be read; pass { allowCode: true }, or write JSON',
      )
    }
    expect(Reflect.get(globalThis, 'ran')).toBeUndefined()
  })

  it('give what they export by name and by default', () => {
    const allowed = { allowCode: true }
    expect(load('chat.mjs', module, allowed)).toMatchObject({ port: 1, username: 'a', hosts: ['b'] })
    expect(load('chat.mts', `${module}const x: number = 1\n`, allowed)).toMatchObject({
      port: 1,
      username: 'a',
    })
    expect(load('chat.cjs', 'exports.port = 1; exports.my_path = __filename', allowed)).toMatchObject({
      port: 1,
      my_path: expect.stringMatching(/chat\.cjs$/),
    })
    expect(() => load('broken.mjs', 'throw new Error("no luck")', allowed)).toThrow(
      /broken\.mjs: Cannot read the configuration: no luck$/,
    )
    expect(() => load('late.mjs', 'export const port = await 1', allowed)).toThrow(OptionError)
  })
})

it('B-opt-010 B-opt-012 runs the parse callbacks if it is the last, and arguments after it win', () => {
  const parser = chatOptions()
  const calls: unknown[] = []
  parser.addParseCallback(() => calls.push(parser.port))
  const path = `${temporaryFiles({ 'chat.json': '{"port": 2, "username": "file"}' })}/chat.json`
  parser.parseCommandLine(['--port=1'], { final: false })
  parser.parseConfigFile(path, { final: false })
  expect([parser.port, calls]).toEqual([2, []])
  parser.parseCommandLine(['--port=1'])
  expect([parser.port, parser.username, calls]).toEqual([1, 'file', [1]])
  parser.parseConfigFile(path)
  expect(calls).toEqual([1, 2])
})

it('lets a callback read the file that an argument names', () => {
  const parser = chatOptions()
  const path = `${temporaryFiles({ 'chat.json': '{"port": "x"}' })}/chat.json`
  parser.define('config', {
    type: 'string',
    callback: (file) => parser.parseConfigFile(file ?? '', { final: false }),
  })
  expect(() => parser.parseCommandLine([`--config=${path}`])).toThrow(
    `${path}: Option "port" must be of type integer`,
  )
})
