import { readFile, rm, writeFile } from 'node:fs/promises'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

it('README: the first program runs as it stands', async () => {
  const response = await runProgram(/```ts\n([\s\S]*?)```/)
  expect([response.status, await response.text()]).toEqual([200, 'Hello, world'])
})

it('README: the program with templates and a UI module does', async () => {
  const response = await runProgram(/program: pages -->\s+```ts\n([\s\S]*?)```/)
  const page = await response.text()
  expect(page).toContain('<style type="text/css">\n.entry { border: 1px solid }\n</style>\n</head>')
  expect(page).toContain('<title>ENTRIES</title>')
  expect(page).toContain('<p class="entry">Hello</p><p class="entry">1 &lt; 2</p>')
  expect(page).toMatch(
    /<form action="\/" method="post"><input type="hidden" name="_xsrf" value="2\|[^"]+"\/>/,
  )
})

it('README: the program with a static file does', async () => {
  const response = await runProgram(/program: static -->\s+```ts\n([\s\S]*?)```/)
  expect(await response.text()).toMatch(/href="\/static\/package\.json\?v=[0-9a-f]{128}"/)
})

it('README: the table of settings names each', async () => {
  const read = (path: string): Promise<string> => readFile(new URL(path, import.meta.url), 'utf8')
  const section = (text: string, heading: string): string =>
    text.split(`\n## ${heading}\n`)[1]!.split('\n## ')[0]!
  const tables =
    section(await read('../README.md'), 'Settings') +
    section(await read('../../websocket/README.md'), 'Limits and defaults')
  const names = Array.from((await read('settings.ts')).matchAll(/^  (\w+)\?:/gm), ([, name]) => name!)
  expect(names.length).toBeGreaterThan(30)
  expect(names.filter((name) => !tables.includes(`\`${name}\``))).toEqual([])
})

/** What a server of the README answers to a GET of its root. */
async function runProgram(pattern: RegExp): Promise<Response> {
  const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8')
  const program = pattern.exec(readme)![1]!
  expect(program).toContain('listen(8888,')
  // Beside the package, so that its own name resolves; on an unused port, since another program may have 8888.
  const file = new URL(`../readme-program-${program.length}.tmp.ts`, import.meta.url)
  await writeFile(file, program.replace('8888', '0'))
  const child = spawn(
    process.execPath,
    ['--conditions=@tornado-ts/source', '--no-warnings', fileURLToPath(file)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  try {
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
    const response = await fetch(line)
    return new Response(await response.arrayBuffer(), response)
  } finally {
    child.kill()
    await rm(file)
  }
}
