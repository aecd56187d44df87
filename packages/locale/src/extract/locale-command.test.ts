import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryFiles } from '../../../../scripts/vitest/temporary-files.ts'
import { runLocaleCommand } from './locale-command.ts'
import { parsePo } from '../gettext/parse-po.ts'

function run(...args: string[]): { status: number; stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' }
  const status = runLocaleCommand(args, {
    stdout: (text) => void (output.stdout += text),
    stderr: (text) => void (output.stderr += text),
  })
  return { status, ...output }
}

const files = {
  'templates/rooms.html':
    '<h1>{{ _("Rooms") }}</h1>\n{# TRANSLATORS: a verb #}\n{{ pgettext("door", "Open") }}\n',
  'src/rooms.ts': `_('%(n)d room', '%(n)d rooms', n)\n_('Rooms')\n_('say "hi"\\n\\\\ twice')\n`,
  'src/rooms.d.ts': `_('no')`,
  'src/node_modules/x/index.js': `_('no')`,
  'src/.cache/x.js': `_('no')`,
  'src/notes.md': `_('no')`,
}

describe('tornado-locale extract', () => {
  it('collects messages of templates and scripts into a .pot file', () => {
    const root = temporaryFiles(files)
    const output = join(root, 'chat.pot')
    const { status, stdout, stderr } = run(
      'extract',
      '-o',
      output,
      '--root',
      root,
      join(root, 'templates'),
      join(root, 'src'),
    )
    expect([status, stdout, stderr]).toEqual([0, '', `${output}: 4 messages of 2 files\n`])
    const pot = readFileSync(output, 'utf8')
    expect(pot.slice(pot.indexOf('\n\n') + 2)).toBe(String.raw`#: templates/rooms.html:1
#: src/rooms.ts:2
msgid "Rooms"
msgstr ""

#. TRANSLATORS: a verb
#: templates/rooms.html:3
msgctxt "door"
msgid "Open"
msgstr ""

#: src/rooms.ts:1
#, python-format
msgid "%(n)d room"
msgid_plural "%(n)d rooms"
msgstr[0] ""
msgstr[1] ""

#: src/rooms.ts:3
msgid ""
"say \"hi\"\n"
"\\ twice"
msgstr ""
`)
    expect(
      run('extract', '--output=-', `--root=${root}`, join(root, 'templates'), join(root, 'src')).stdout,
    ).toBe(pot)
  })

  it('writes what its own reader and msgfmt read', () => {
    const root = temporaryFiles(files)
    const path = join(root, 'chat.po')
    run('extract', '-o', path, root)
    const pot = readFileSync(path, 'utf8')
    const po = pot
      .replace('nplurals=INTEGER; plural=EXPRESSION', 'nplurals=2; plural=n>1')
      .replace('msgid "Rooms"\nmsgstr ""', 'msgid "Rooms"\nmsgstr "Salles"')
    expect([...parsePo(po).messages]).toEqual([['Rooms', 'Salles']])
  })

  it.skipIf(!existsSync('/usr/bin/msgfmt'))('writes what /usr/bin/msgfmt checks', () => {
    const root = temporaryFiles({ ...files, 'src/odd name.ts': `_('\\u0007\\x7f\\u20ac\\r\\tend\\n')` })
    const path = join(root, 'chat.pot')
    expect(run('extract', '-o', path, '--root', root, root).status).toBe(0)
    const pot = readFileSync(path, 'utf8').replace(
      'nplurals=INTEGER; plural=EXPRESSION',
      'nplurals=2; plural=n>1',
    )
    const check = ['--check-format', '--check-domain', '-o', '/dev/null', '-']
    expect(execFileSync('/usr/bin/msgfmt', check, { input: pot, stdio: 'pipe' }).toString()).toBe('')
  })

  it('reads a named file whatever its name ends in, and templates by their endings', () => {
    const root = temporaryFiles({
      'a.tpl': '{{ _("a") }}',
      'b.mail': '{{ _("b") }}',
      'c.html': '{{ _("c") }}',
    })
    expect(run('extract', '-o', '-', join(root, 'a.tpl')).stdout).toContain('msgid "a"')
    const { stdout } = run('extract', '-o', '-', '--extension', 'mail, .tpl', root)
    expect(stdout.match(/msgid "."/g)).toEqual(['msgid "a"', 'msgid "b"'])
  })

  it('takes more keywords, and tells of what nobody can translate', () => {
    const root = temporaryFiles({ 'a.ts': 't("c", "x")\n_(`a ${b}`)\n_("p", "q", 2)\n_("p", "r", 2)' })
    const { status, stdout, stderr } = run('extract', '-o', '-', '--root', root, '-k', 't:1c,2', root)
    expect(status).toBe(0)
    expect(stdout).toContain('msgctxt "c"\nmsgid "x"')
    expect(stderr).toBe('a.ts:2: the message of _() has values in it\na.ts:4: "p" has the other plural "r"\n')
  })

  it('tells in one line what is wrong, with status 2 or 1', () => {
    const error = (...args: string[]): [number, string] => {
      const { status, stdout, stderr } = run(...args)
      expect(stdout).toBe('')
      return [status, stderr]
    }
    expect(error()).toEqual([2, 'tornado-locale: No command given; see --help\n'])
    expect(error('compile')).toEqual([2, 'tornado-locale: Unknown command "compile"; see --help\n'])
    expect(error('extract')).toEqual([2, 'tornado-locale: No file or folder given; see --help\n'])
    expect(error('extract', '--nope', 'a')).toEqual([
      2,
      expect.stringMatching(/^tornado-locale: Unknown option .*\n$/),
    ])
    expect(error('extract', '-k', '?', 'a')).toEqual([
      2,
      expect.stringMatching(/^tornado-locale: Cannot read the k.*\n$/),
    ])
    expect(error('extract', '/nowhere/a.ts')).toEqual([
      1,
      expect.stringMatching(/^tornado-locale: ENOENT.*\n$/),
    ])
  })

  it('shows its usage', () => {
    const { status, stdout } = run('--help')
    expect(status).toBe(0)
    expect(stdout).toMatch(/^Usage: tornado-locale extract/)
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThan(90)
  })

  it('is installed as a program', () => {
    const root = temporaryFiles(files)
    const bin = join(import.meta.dirname, '../..', 'bin', 'tornado-locale.js')
    const conditions = process.env['TORNADO_TS_BUILT'] === '1' ? [] : ['--conditions=@tornado-ts/source']
    const program = ['--disable-warning=ExperimentalWarning', ...conditions, bin]
    const good = spawnSync(process.execPath, [...program, 'extract', '-o', '-', root], { encoding: 'utf8' })
    expect([good.status, good.stderr]).toEqual([0, ''])
    expect(good.stdout).toContain('msgid "Rooms"')
    const bad = spawnSync(process.execPath, [...program, 'extract'], { encoding: 'utf8' })
    expect([bad.status, bad.stdout, bad.stderr.split('\n')]).toEqual([2, '', [expect.any(String), '']])
  })
})
