import { execFile } from 'node:child_process'
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { FileHandler } from './file-handler.ts'
import type { LogRecord } from './record.ts'
import { SizeRotation } from './size-rotation.ts'
import { TimeRotation } from './time-rotation.ts'

const formatter = { format: ({ message }: LogRecord): string => message }
const noon = new Date(2026, 4, 20, 12).getTime()
const hourMs = 3_600_000
let directory: string
let path: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tornado-log-'))
  path = join(directory, 'server.log')
})

afterEach(() => rmSync(directory, { recursive: true }))

function record(message: string, timeMs = noon): LogRecord {
  return { logger: 'x', level: 'info', message, timeMs }
}

function contents(): Record<string, string> {
  return Object.fromEntries(
    readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]),
  )
}

describe('FileHandler', () => {
  it('appends UTF-8, gathered until the turn ends', async () => {
    writeFileSync(path, 'before\n')
    using handler = new FileHandler(path, { formatter })
    handler.handle(record('é 😀'))
    handler.handle(record('two'))
    expect(contents()).toEqual({ 'server.log': 'before\n' })
    await new Promise(setImmediate)
    expect(contents()).toEqual({ 'server.log': 'before\né 😀\ntwo\n' })
  })

  it('writes at once at error and above, beyond 64 KiB, and on flush', () => {
    using handler = new FileHandler(path, { formatter })
    handler.handle(record('one'))
    handler.handle({ ...record('two'), level: 'error' })
    expect(contents()).toEqual({ 'server.log': 'one\ntwo\n' })
    handler.handle(record('x'.repeat(65_536)))
    expect(readFileSync(path)).toHaveLength(8 + 65_537)
    handler.handle(record('three'))
    handler.flush()
    expect(readFileSync(path, 'utf8').endsWith('three\n')).toBe(true)
  })

  it('goes on in a new file after another program has moved it', () => {
    using handler = new FileHandler(path, { formatter })
    handler.handle(record('old'))
    renameSync(path, `${path}.moved`)
    handler.handle(record('still old'))
    handler.reopen()
    handler.handle(record('new'))
    handler.flush()
    expect(contents()).toEqual({ 'server.log': 'new\n', 'server.log.moved': 'old\nstill old\n' })
  })

  it('keeps the lines when the file cannot be put aside, tells it once, and tries again a minute later', () => {
    let attempts = 0
    const rotation = {
      isDue: () => true,
      rotate() {
        attempts++
        throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })
      },
    }
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    try {
      using handler = new FileHandler(path, { formatter, rotation })
      for (const seconds of [0, 1, 59, 60]) handler.handle(record(`at ${seconds}`, noon + seconds * 1000))
      handler.flush()
      expect(contents()).toEqual({ 'server.log': 'at 0\nat 1\nat 59\nat 60\n' })
      expect(attempts).toBe(2)
      expect(written.mock.calls.map(([text]) => text)).toEqual(
        Array.from({ length: 2 }, () => `Cannot rotate log file ${path}: Error: EACCES: permission denied\n`),
      )
    } finally {
      written.mockRestore()
    }
  })

  it('refuses lines once closed, and a path it cannot open', () => {
    const listeners = process.listenerCount('exit')
    const handler = new FileHandler(path, { formatter })
    expect(process.listenerCount('exit')).toBe(listeners + 1)
    handler.handle(record('last'))
    handler.close()
    handler.close()
    handler.flush()
    expect(process.listenerCount('exit')).toBe(listeners)
    expect(contents()).toEqual({ 'server.log': 'last\n' })
    expect(() => handler.handle(record('late'))).toThrow('which is closed')
    expect(() => new FileHandler(join(directory, 'none', 'x'))).toThrow(
      expect.objectContaining({ code: 'ENOENT' }),
    )
  })

  it.runIf(process.platform === 'linux')('reports once on stderr what it cannot write', () => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    const handler = new FileHandler('/dev/full', { formatter })
    handler.handle(record('lost'))
    handler.flush()
    handler.handle(record('lost'))
    handler.flush()
    handler.close()
    const calls = write.mock.calls.map(([text]) => text)
    write.mockRestore()
    expect(calls).toEqual([expect.stringMatching(/^Cannot write log file \/dev\/full: Error: ENOSPC.*\n$/)])
  })

  it('loses nothing when the process exits', async () => {
    const source = process.env['TORNADO_TS_BUILT'] === '1' ? [] : ['--conditions=@tornado-ts/source']
    const program = `
      import { appLog, enablePrettyLogging } from '@tornado-ts/log'
      enablePrettyLogging({ logFilePrefix: ${JSON.stringify(path)} })
      appLog.info('last words')
      process.exit(3)`
    const run = promisify(execFile)(process.execPath, [...source, '--input-type=module', '--eval', program], {
      cwd: join(import.meta.dirname, '..'),
    })
    await expect(run).rejects.toMatchObject({ code: 3, stderr: '' })
    expect(contents()['server.log']).toMatch(/^\[I .*\] last words\n$/)
  })
})

describe('SizeRotation', () => {
  it('puts a file aside that would grow beyond the size, and keeps the newest', () => {
    using handler = new FileHandler(path, {
      formatter,
      rotation: new SizeRotation({ maxSize: 10, backups: 2 }),
    })
    for (const message of ['aaaa', 'bbbb', 'cccc', 'dd', 'much longer than ten', 'e'])
      handler.handle(record(message))
    handler.flush()
    expect(contents()).toEqual({
      'server.log': 'e\n',
      'server.log.1': 'much longer than ten\n',
      'server.log.2': 'cccc\ndd\n',
    })
  })

  it('counts bytes, and those of an earlier run too', () => {
    writeFileSync(path, '12345678')
    using handler = new FileHandler(path, { formatter, rotation: new SizeRotation({ maxSize: 10 }) })
    handler.handle(record('é'))
    handler.flush()
    expect(contents()).toEqual({ 'server.log': 'é\n', 'server.log.1': '12345678' })
  })

  it.each([{ maxSize: 0 }, { maxSize: 4, backups: 0 }])('never does so with %j', (options) => {
    using handler = new FileHandler(path, { formatter, rotation: new SizeRotation(options) })
    handler.handle(record('aaaa'))
    handler.handle(record('bbbb'))
    handler.flush()
    expect(contents()).toEqual({ 'server.log': 'aaaa\nbbbb\n' })
  })

  it.each([{ maxSize: -1 }, { maxSize: Number.NaN }, { backups: -1 }, { backups: 1.5 }])(
    'refuses %j',
    (options) => {
      expect(() => new SizeRotation(options)).toThrow(RangeError)
    },
  )
})

describe('TimeRotation', () => {
  it('puts a file aside by the first line of another period, named after the period', () => {
    using handler = new FileHandler(path, { formatter, rotation: new TimeRotation() })
    handler.handle(record('noon'))
    handler.handle(record('night', noon + 12 * hourMs - 1))
    handler.handle(record('morning', noon + 12 * hourMs))
    handler.handle(record('next noon', noon + 24 * hourMs))
    handler.flush()
    expect(contents()).toEqual({
      'server.log.2026-05-20': 'noon\nnight\n',
      'server.log': 'morning\nnext noon\n',
    })
  })

  it('takes the file of an earlier run for the day it was last written', () => {
    writeFileSync(path, 'yesterday\n')
    utimesSync(path, noon / 1000, noon / 1000 - 86_400)
    using handler = new FileHandler(path, { formatter, rotation: new TimeRotation() })
    handler.handle(record('today'))
    handler.flush()
    expect(contents()).toEqual({ 'server.log.2026-05-19': 'yesterday\n', 'server.log': 'today\n' })
  })

  it('takes a file of an earlier run that somebody removed meanwhile for a new one', () => {
    writeFileSync(path, 'earlier\n')
    using handler = new FileHandler(path, { formatter, rotation: new TimeRotation() })
    rmSync(path)
    expect(() => handler.handle(record('one'))).not.toThrow()
    handler.reopen()
    handler.handle(record('two'))
    handler.flush()
    expect(contents()).toEqual({ 'server.log': 'two\n' })
  })

  it('keeps so many, and touches no other file', () => {
    writeFileSync(`${path}.2026-05-20.gz`, '')
    writeFileSync(join(directory, 'other.log.2020-01-01'), '')
    using handler = new FileHandler(path, {
      formatter,
      rotation: new TimeRotation({ when: 'D', interval: 2, backups: 1 }),
    })
    for (const days of [0, 1, 2, 4, 6]) handler.handle(record(String(days), noon + days * 24 * hourMs))
    handler.flush()
    expect(contents()).toEqual({
      'server.log': '6\n',
      'server.log.2026-05-24': '4\n',
      'server.log.2026-05-20.gz': '',
      'other.log.2020-01-01': '',
    })
  })

  it('never overwrites what was put aside', () => {
    writeFileSync(`${path}.2026-05-20`, 'precious\n')
    using handler = new FileHandler(path, { formatter, rotation: new TimeRotation({ backups: 0 }) })
    handler.handle(record('a'))
    handler.handle(record('b', noon + 24 * hourMs))
    handler.handle(record('c', noon + 48 * hourMs))
    handler.flush()
    expect(contents()).toEqual({
      'server.log.2026-05-20': 'precious\n',
      'server.log.2026-05-21': 'a\nb\n',
      'server.log': 'c\n',
    })
  })

  it.each([{ when: 'W7' }, { when: 'hourly' }, { interval: 0 }, { interval: 1.5 }, { backups: -1 }])(
    'refuses %j',
    (options) => {
      expect(() => new TimeRotation(options)).toThrow(RangeError)
    },
  )
})
