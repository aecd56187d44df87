import { resolveParameters } from '@tornado-ts/http1'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { localhostCertificate, otherCertificate } from '../fixtures/certificates.ts'
import { Program } from '../fixtures/run-program.ts'

const readme = readFileSync(join(import.meta.dirname, '..', 'README.md'), 'utf8')
const programs = new Map(
  readme
    .split(/^## /m)
    .map((section, i): [string, string | undefined] => [
      i === 0 ? '' : section.split('\n', 1)[0]!,
      /```ts\n([^]*?)```/.exec(section)?.[1],
    ]),
)

/** The program under a heading, on a port of its own. */
function program(heading: string): string {
  return programs.get(heading)!.replace('8888', '0')
}

async function printed(url: string, init?: RequestInit): Promise<string> {
  return await (await fetch(url, init)).text()
}

it('the first program runs as pasted', async () => {
  await using running = new Program(program(''))
  const url = await running.line()
  expect(await printed(`${url}/path?q=1`)).toBe('GET /path?q=1 from 127.0.0.1\n')
  running.kill('SIGINT')
  expect(await running.ended).toMatchObject({ status: 0, stderr: '' })
})

it('What is served', async () => {
  await using running = new Program(program('What is served'))
  const url = await running.line()
  expect(await printed(url, { method: 'POST', body: 'there and back' })).toBe('there and back')
})

it('Routing', async () => {
  await using running = new Program(program('Routing'))
  expect(await running.line()).toBe('/story/7')
  const url = await running.line()
  expect([await printed(url), await printed(`${url}/story/7`), (await fetch(`${url}/other`)).status]).toEqual(
    ['home', 'a story', 404],
  )
})

it('the table of limits has the defaults of the code', () => {
  const table = readme.split('\n## Limits and defaults\n')[1]!.split('\n## ')[0]!
  const defaults = new Map<string, number | boolean>(Object.entries(resolveParameters()))
  const checked: string[] = []
  for (const [, name, text] of table.matchAll(/^\| `(\w+)` \| ([^|]*) \|/gm)) {
    const expected = defaults.get(name!)
    if (expected === undefined) continue
    expect([name, valueOf(text!)]).toEqual([name, expected])
    checked.push(name!)
  }
  expect(table).toContain(`\`bodyRateWindowMs\`, ${resolveParameters().bodyRateWindowMs / 1000} s`)
  expect([...defaults.keys()].filter((name) => !checked.includes(name))).toEqual(['bodyRateWindowMs'])
})

it('Listening, TLS, Behind a proxy and Inside another server', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'readme-'))
  for (const [name, { cert, key }] of [
    ['example', localhostCertificate],
    ['org', otherCertificate],
  ] as const) {
    await writeFile(join(folder, `${name}.pem`), cert)
    await writeFile(join(folder, `${name}.key`), key)
  }
  const runs: [heading: string, change: (text: string) => string][] = [
    ['Listening', (text) => text.replace('/run/app', folder)],
    ['TLS', (text) => text.replaceAll('/etc/ssl', folder).replace('443', '0')],
    ['Behind a proxy', (text) => `${text}server.listen(0)\n`],
    ['Inside another server', (text) => text],
  ]
  for (const [heading, change] of runs) {
    const text = `${change(program(heading))}\nconsole.log('made')\nsetImmediate(() => process.exit())\n`
    await using running = new Program(text)
    expect([heading, await running.ended]).toEqual([
      heading,
      { status: 0, signal: null, stdout: 'made\n', stderr: '' },
    ])
  }
  await rm(folder, { recursive: true })
})

/** What a cell of the table means: `64 KiB` in bytes, `5 min` in milliseconds. */
function valueOf(text: string): number | boolean {
  if (text === 'none') return Infinity
  if (text.startsWith('`')) return text === '`true`'
  const [, number, unit = ''] = /^([0-9]+) ?(KiB|MiB|s|min)?/.exec(text)!
  const units: Readonly<Record<string, number>> = { '': 1, KiB: 1024, MiB: 1024 ** 2, s: 1000, min: 60_000 }
  return Number(number) * units[unit]!
}
