import { execFile, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { IOStream } from '@tornado-ts/iostream'
import { expectLog, serve, type ServedApplication } from '@tornado-ts/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeApplication } from './application.ts'
import { putFile, uploadFiles } from './uploader.ts'

const main = fileURLToPath(new URL('main.ts', import.meta.url))
const node = ['--conditions=@tornado-ts/source', '--no-warnings', main]
const large = randomBytes(3 * 1024 * 1024)
let folder: string
let kept: string
let app: ServedApplication

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'file-upload-'))
  kept = await mkdtemp(join(tmpdir(), 'file-upload-kept-'))
  const maxSize = 4 * 1024 * 1024
  app = await serve(makeApplication({ directory: kept, maxSize }), { maxBodySize: maxSize })
})

afterEach(async () => {
  await app.close()
  for (const each of [folder, kept]) await rm(each, { recursive: true })
})

async function file(name: string, content: Uint8Array | string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, content)
  return path
}

describe('file-upload', () => {
  it('B-demo-004 keeps the files of a form, whole, under names of its own', async () => {
    const paths = [
      await file('large.bin', large),
      await file('naïve "x".txt', 'text'),
      await file('empty', ''),
    ]
    const received = await uploadFiles(app.url, paths)
    expect(received.map(({ name, size }) => [name, size])).toEqual([
      ['large.bin', large.length],
      ['naïve "x".txt', 4],
      ['empty', 0],
    ])
    expect(received[0]!.sha256).toBe(createHash('sha256').update(large).digest('hex'))
    expect(await readFile(join(kept, received[0]!.savedAs))).toEqual(large)
    expect((await readdir(kept)).toSorted()).toEqual(received.map(({ savedAs }) => savedAs).toSorted())
  })

  it('B-demo-004 keeps the body of a PUT', async () => {
    const received = await putFile(app.url, await file('a name é.bin', large))
    expect([received.name, received.size]).toEqual(['a name é.bin', large.length])
    expect(await readFile(join(kept, received.savedAs))).toEqual(large)
  })

  it('takes no name of a client for a path', async () => {
    const response = await app.fetch('/files/..%2F..%2Fescaped', { method: 'PUT', body: 'x' })
    expect(response.code).toBe(201)
    expect(await readdir(kept)).toHaveLength(1)
  })

  it('refuses what is too large, and leaves nothing of it', async () => {
    using _log = expectLog('tornado', /413/, { required: false })
    const path = await file('huge.bin', Buffer.alloc(5 * 1024 * 1024))
    await expect(putFile(app.url, path)).rejects.toThrow(/413/)
    await uploadFiles(app.url, [path]).then(
      () => expect.unreachable(),
      () => undefined,
    )
    await expect.poll(() => readdir(kept)).toEqual([])
  })

  it('leaves nothing of an upload that breaks off', async () => {
    const stream = new IOStream()
    await stream.connect({ host: '127.0.0.1', port: app.port })
    await stream.write('PUT /files/x HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\nhalf')
    await expect.poll(() => readdir(kept)).toHaveLength(1)
    stream.close()
    await expect.poll(() => readdir(kept)).toEqual([])
  })

  it('has a page that shows the progress', async () => {
    expect((await app.fetch('/')).text()).toContain('request.upload.onprogress')
  })

  it('says in one line what went wrong', { timeout: 60_000 }, async () => {
    const path = await file('a.txt', 'a')
    const wrong: [string[], RegExp][] = [
      [[`--to=${app.url}`, join(folder, 'none')], /^file-upload: ENOENT.*\n$/],
      [['--to=http://127.0.0.1:1/', path], /^file-upload: .*ECONNREFUSED.*\n$/],
      [['--to=nowhere', path], /^file-upload: Invalid URL\n$/],
      [[`--to=${app.url}`], /^file-upload: Name the files.*\n$/],
      [[path], /^file-upload: To send files.*\n$/],
      [[`--port=${app.port}`, `--directory=${folder}`], /^.*address already in use\n$/],
    ]
    const run = promisify(execFile)
    await Promise.all(
      wrong.map(([flags, line]) =>
        expect(run(process.execPath, [...node, ...flags])).rejects.toMatchObject({
          code: 1,
          stderr: expect.stringMatching(line),
        }),
      ),
    )
  })

  it('B-demo-004 is a program that serves, and one that uploads', async () => {
    const server = spawn(process.execPath, [...node, '--port=0', `--directory=${join(folder, 'new')}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const [said] = (await once(server.stdout, 'data')) as [Buffer]
      const url = /http:\S+/.exec(said.toString())![0]
      const paths = [await file('a.txt', 'a'), await file('b.txt', 'bb')]
      const run = promisify(execFile)
      const [form, put, help] = await Promise.all([
        run(process.execPath, [...node, `--to=${url}`, ...paths]),
        run(process.execPath, [...node, `--to=${url}`, '--put', ...paths]),
        run(process.execPath, [...node, '--help']),
      ])
      for (const { stdout } of [form, put])
        expect(stdout).toMatch(/^a\.txt {2}1 bytes .*\nb\.txt {2}2 bytes .*\n$/)
      for (const name of ['--directory', '--max-size', '--to', '--put']) expect(help.stdout).toContain(name)
      expect(await readdir(join(folder, 'new'))).toHaveLength(4)
    } finally {
      server.kill()
      await once(server, 'close')
    }
  })
})
