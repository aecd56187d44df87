import { relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { wrap } from './help.ts'
import { OptionParser } from './option-parser.ts'

function chatOptions(): OptionParser {
  const parser = new OptionParser({ program: 'chat/main.ts' })
  parser.define('port', { default: 8888, help: 'port to listen on', metavar: 'PORT', group: 'server' })
  parser.define('bind_address', { default: '', help: 'address to listen on', group: 'server' })
  parser.define('zebra', { type: 'string', group: 'server' })
  parser.define('a-name-that-takes-up-the-whole-column', {
    default: true,
    help: 'a long name',
    group: 'server',
  })
  parser.define('peers', {
    multiple: true,
    default: ['one', 'two'],
    help: 'the other processes of this chat, which are told of every message that somebody sends to a room here',
    group: 'cluster',
  })
  parser.define('none', { multiple: true, group: 'cluster' })
  parser.define('timeoutMs', { type: 'duration', default: 5_400_000, group: 'cluster', metavar: 'DURATION' })
  parser.define('since', { default: new Date(2026, 4, 20, 9, 5), group: 'cluster', help: 'first day' })
  return parser
}

const help = `Usage: chat/main.ts [OPTIONS]

Options:

  --help                           show this help information

cluster options:

  --none
  --peers                          the other processes of this chat, which are
                                   told of every message that somebody sends to
                                   a room here (default one,two)
  --since                          first day (default 2026-05-20 09:05:00)
  --timeout-ms=DURATION            (default 1h 30m)

server options:

  --a-name-that-takes-up-the-whole-column
                                   a long name (default true)
  --bind-address                   address to listen on
  --port=PORT                      port to listen on (default 8888)
  --zebra

`

describe('help', () => {
  it('B-opt-013 lists options by group and name, in two columns', () => {
    expect(chatOptions().formatHelp()).toBe(help)
    expect(chatOptions().formatHelp({ columns: 80 })).toBe(help)
  })

  it('B-opt-013 wraps texts to the width of the terminal', () => {
    const widths = [60, 100, 120].map((columns) => {
      return Math.max(
        ...chatOptions()
          .formatHelp({ columns })
          .split('\n')
          .map((line) => line.length),
      )
    })
    expect(widths[0]).toBeLessThan(60)
    expect(widths[1]).toBeGreaterThan(80)
    expect(widths[1]).toBeLessThan(100)
    expect(chatOptions().formatHelp({ columns: 10 })).toContain('the other processes\n')
  })

  it('B-opt-013 is printed to a stream as wide as it is', () => {
    let printed = ''
    const stream = { columns: 60, write: (text: string) => void (printed += text) }
    chatOptions().printHelp(stream)
    expect(printed).toBe(chatOptions().formatHelp({ columns: 60 }))
    printed = ''
    chatOptions().printHelp({ write: (text: string) => void (printed += text) })
    expect(printed).toBe(help)
  })

  it('B-opt-014 shows the defining file as seen from the working directory', () => {
    const parser = new OptionParser()
    parser.define('x')
    expect(parser.formatHelp()).toContain(`\n${relative(process.cwd(), import.meta.filename)} options:\n`)
    parser.define('y', { file: '/elsewhere/y.ts' })
    expect(parser.formatHelp()).toContain('\n/elsewhere/y.ts options:\n')
  })

  it('breaks words that are too long', () => {
    expect(wrap('a bb ccc', 4)).toEqual(['a bb', 'ccc'])
    expect(wrap('abcdefghij k', 4)).toEqual(['abcd', 'efgh', 'ij k'])
    expect(wrap('  \n ', 4)).toEqual([])
    expect(wrap('abcd', 4)).toEqual(['abcd'])
  })
})
