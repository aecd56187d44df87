import { readFileSync, rmSync } from 'node:fs'
import { expect } from 'vitest'
import type { GuideProgram } from './guide-program.ts'

/** How one program of the guide is looked at. */
interface Check {
  /** Arguments of the program, which then runs in a process of its own. */
  readonly alone?: readonly string[]
  readonly check: (program: GuideProgram) => Promise<void>
}

/** What every whole program of the guide must do, by its page and file. */
export const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  [
    '01-install/check.ts',
    {
      check: async (program) => {
        await program.printed(/^tornado-ts \d+\.\d+\.\d+ on Node \d+\.\d+\.\d+\n/)
      },
    },
  ],
  ...serving('02-hello-world/hello.ts', async (get) => {
    expect(await get('/')).toEqual([200, 'Hello, world'])
  }),
  [
    '02-hello-world/debug.ts',
    {
      alone: [],
      check: async (program) => {
        const response = await fetch(`${await program.url()}/?name=Ann`)
        expect(await response.text()).toBe('{"hello":"Ann"}')
        await program.printed(/^\[I \d{6} [\d:]+ \S+:\d+\] 200 GET \/\?name=Ann \(127\.0\.0\.1\) [\d.]+ms$/m)
      },
    },
  ],
  ...serving('02-hello-world/function.ts', async (get) => {
    expect(await get('/')).toEqual([200, 'Hello, world'])
    expect(await get('/hello/Ann')).toEqual([200, '{"hello":"Ann"}'])
  }),
  ...serving('03-handlers-and-routing/stories.ts', async (get, program) => {
    expect(await get('/')).toEqual([200, '{"stories":[{"title":"A frog","url":"/story/1"}]}'])
    expect((await get('/story/1'))[1]).toContain('Once upon a time')
    expect((await get('/story/2'))[0]).toBe(404)
    expect((await get('/', { method: 'POST' }))[0]).toBe(405)
    await program.printed(/No story 2/)
  }),
  ...serving('03-handlers-and-routing/base.ts', async (get) => {
    expect(await get('/')).toEqual([203, 'Hello'])
    expect(await get('/none')).toEqual([404, '<h1>Sorry: 404</h1>'])
  }),
  ...serving('03-handlers-and-routing/middleware.ts', async (get) => {
    expect(await get('/')).toEqual([200, 'Hello'])
    expect((await get('/me'))[0]).toBe(401)
    expect(await get('/me', { headers: { 'X-Api-Key': 'secret-of-ann' } })).toEqual([200, '{"name":"Ann"}'])
  }),
  ...serving('04-input/greet.ts', async (get) => {
    expect((await get('/'))[1]).toContain('<form')
    const body = new URLSearchParams({ name: ' Ann ' })
    expect(await get('/?times=2', { method: 'POST', body })).toEqual([200, 'Hello, Ann\nHello, Ann\n'])
    expect((await get('/', { method: 'POST', body: new URLSearchParams() }))[0]).toBe(400)
  }),
  ...serving('04-input/users.ts', async (get) => {
    const post = { method: 'POST', headers: { 'Content-Type': 'application/json' } }
    const ann = JSON.stringify({ name: 'Ann', age: 41 })
    expect(await get('/users', { ...post, body: ann })).toEqual([201, '{"name":"Ann","ageNextYear":42}'])
    expect((await get('/users?dry=true', { ...post, body: ann }))[0]).toBe(200)
    const [status, problem] = await get('/users', { ...post, body: '{"name":""}' })
    expect(status).toBe(400)
    expect(JSON.parse(problem).errors.map(({ path }: { path: string[] }) => path[0])).toEqual(['name', 'age'])
  }),
  ...serving('04-input/small-upload.ts', async (get) => {
    expect(await get('/', upload())).toEqual([200, '{"files":[{"filename":"a.txt","size":4}]}'])
  }),
  ...serving('04-input/large-upload.ts', async (get) => {
    const [status, text] = await get('/', upload())
    expect(status).toBe(200)
    const { saved } = JSON.parse(text) as { saved: [{ filename: string; path: string }] }
    expect(saved[0].filename).toBe('a.txt')
    expect(readFileSync(saved[0].path, 'utf8')).toBe('text')
    rmSync(saved[0].path)
  }),
  ...serving('05-templates/pages.ts', async (get) => {
    const [, page] = await get('/')
    expect(page).toContain('<html lang="en-US">')
    expect(page).toContain('<title>1 entry</title>')
    expect(page).toContain('<p>Is 1 &lt; 2? It is.</p>')
    expect(page).toMatch(/<style[^]*\.entry \{ border-left[^]*<\/head>/)
  }),
  [
    '05-templates/mail.ts',
    {
      check: async (program) => {
        await program.printed(/^Dear Ann,\nyour order of tea and milk is on its way\.\n$/)
      },
    },
  ],
  ...serving('05-templates/translated.ts', async (get) => {
    expect(await get('/', { headers: { 'Accept-Language': 'fr' } })).toEqual([200, 'Bonjour, le monde'])
    expect(await get('/', { headers: { 'Accept-Language': 'de' } })).toEqual([200, 'Hello, world'])
  }),
])

type Get = (path: string, init?: RequestInit) => Promise<[status: number, text: string]>

/** The check of a program that serves. */
function serving(
  name: string,
  check: (get: Get, program: GuideProgram) => Promise<void>,
  alone?: readonly string[],
): [string, Check][] {
  const checkServer = async (program: GuideProgram): Promise<void> => {
    const url = await program.url()
    const get: Get = async (path, init) => {
      const response = await fetch(url + path, init)
      return [response.status, await response.text()]
    }
    await check(get, program)
  }
  return [[name, { check: checkServer, ...(alone === undefined ? {} : { alone }) }]]
}

/** A form with a file. */
function upload(): RequestInit {
  const body = new FormData()
  body.set('file', new File(['text'], 'a.txt'))
  return { method: 'POST', body }
}
