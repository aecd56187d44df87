import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { OpenIDProvider } from '../fixtures/openid-provider.ts'

const root = join(import.meta.dirname, '..')
const conditions = process.env['TORNADO_TS_BUILT'] === '1' ? [] : ['--conditions=@tornado-ts/source']
// Beside the sources, so that the package's own name is found.
const folder = mkdtempSync(join(root, 'readme-'))

afterAll(() => rmSync(folder, { recursive: true }))

it('the first program logs a user in, as pasted but for the provider and the port', async () => {
  await using provider = await OpenIDProvider.serve()
  const [, program = ''] =
    /```ts\n(\/\/ login\.ts\n[^]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? []
  const path = join(folder, 'login.ts')
  writeFileSync(
    path,
    program
      .replace('https://accounts.google.com', provider.issuer)
      .replace('your client id', 'client')
      .replace('your client secret', 'client:secret')
      .replace('8888', '0'),
  )
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...conditions, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const url = /Listening on (\S+)/.exec(line.toString())![1]!
    const cookies = new Map<string, string>()
    const get = async (where: string): Promise<Response> => {
      const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
      const response = await fetch(new URL(where, url), { redirect: 'manual', headers: { cookie } })
      for (const set of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
        cookies.set(name, value)
      }
      return response
    }
    expect((await get('/')).headers.get('location')).toBe('/login?next=/')
    const toProvider = (await get('/login?next=/')).headers.get('location')!
    const back = provider.grant(new URL(toProvider))
    expect((await get(back)).headers.get('location')).toBe('/')
    expect(await (await get('/')).text()).toBe('Hello, f@x.org')
  } finally {
    child.kill()
    await once(child, 'exit')
  }
}, 30_000)
