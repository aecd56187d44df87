import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { findProblem, options } from './options.ts'
import { Browser } from './test/browser.ts'
import { Program } from './test/program.ts'

it('--help tells every option; a wrong one ends it with a line', { timeout: 60_000 }, async () => {
  const runs = [new Program('--help'), new Program('--prot=1'), new Program('--port=70000')]
  const codes = await Promise.all(runs.map(({ ended }) => ended))
  expect(codes).toEqual([0, 2, 2])
  const [help = '', ...lines] = runs.map(({ output }) => output)
  expect(help).toMatch(/--database=FILE\s+keep messages in this file/)
  for (const name of Object.keys(options)) {
    expect(help).toContain(`--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`)
  }
  expect(lines).toEqual([
    expect.stringMatching(/^\S+: Unrecognized command line option "--prot", did you mean --port\?.*\n$/),
    'chat: --port must be a number from 0 to 65535, not 70000; see --help\n',
  ])
})

it('options that cannot be together are told', () => {
  const given = { ...options }
  expect(findProblem(given)).toBeNull()
  expect(findProblem(given, ['x'])).toBe('Unexpected argument "x"')
  expect(findProblem({ ...given, googleKey: 'x' })).toBe('--google-key and --google-secret go together')
  expect(findProblem({ ...given, facebookSecret: 'x' })).toBe(
    '--facebook-key and --facebook-secret go together',
  )
  expect(findProblem({ ...given, guests: false })).toMatch('nobody could come in')
  expect(findProblem({ ...given, guests: false, googleKey: 'x', googleSecret: 'y' })).toBeNull()
  expect(findProblem({ ...given, messageRate: 0 })).toMatch('above 0')
  expect(findProblem({ ...given, messageBurst: 0 })).toMatch('at least 1')
  expect(findProblem({ ...given, maxRooms: 0 })).toMatch('at least 1')
})

it(
  'keeps messages and people over a restart, ends open polls when it is stopped, and takes options from a file',
  { timeout: 60_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tornado-ts-chat-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const database = join(folder, 'chat.db')
    const config = join(folder, 'chat.json')
    writeFileSync(config, JSON.stringify({ database }))
    const first = await Program.serve(`--config=${config}`)
    const { port } = new URL(first.url)
    const ann = new Browser(first.url)
    await ann.login('Ann')
    const { id } = await ann.say('kept', { nonce: 'kept-nonce' })
    const poll = ann.poll({ cursor: id })
    first.child.kill('SIGTERM')
    expect(await poll).toEqual({ messages: [] })
    expect(await first.ended).toBe(0)
    expect(statSync(database).mode & 0o777).toBe(0o600)
    const second = await Program.serve(`--config=${config}`, `--port=${port}`)
    expect((await ann.poll({ cursor: 0 })).messages).toMatchObject([{ id, text: 'kept' }])
    expect(await ann.say('kept', { nonce: 'kept-nonce' })).toMatchObject({ id })
    expect((await ann.say('next')).id).toBeGreaterThan(id)
    await second.kill()
  },
)
