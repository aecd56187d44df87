import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { GuideProgram } from './guide/guide-program.ts'
import { readGuide, writePage } from './guide/guide-pages.ts'

const docs = join(import.meta.dirname, '..')
const pages = new Map(readGuide(join(docs, 'guide')).map((page) => [page.name, page]))
const nginx = ['nginx', '/usr/sbin/nginx'].find((name) => spawnSync(name, ['-v']).status === 0)
const skipped = nginx === undefined ? ' (needs nginx)' : ''

it.skipIf(nginx === undefined)(`app.conf of the guide tells the client's address${skipped}`, async () => {
  await behindNginx('13-deployment', 'server.ts', async (url) => {
    const headers = { 'X-Real-Ip': '192.0.2.7', 'X-Scheme': 'https' }
    const answer: unknown = await (await fetch(url, { headers })).json()
    // What the client says of itself is not passed on.
    expect(answer).toMatchObject({ remoteIp: '127.0.0.1', protocol: 'http' })
  })
})

it.skipIf(nginx === undefined)(`app.conf of the guide lets WebSockets through${skipped}`, async () => {
  await behindNginx('09-websockets', 'chat.ts', async (url) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/chat`)
    await once(socket, 'open')
    const received = once(socket, 'message')
    socket.send('Hello')
    expect(((await received)[0] as MessageEvent).data).toBe('Hello')
    const closed = once(socket, 'close')
    socket.close()
    await closed
  })
})

/** Runs a program of the guide behind nginx with the guide's configuration, but for ports and TLS. */
async function behindNginx(
  page: string,
  program: string,
  check: (url: string) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(docs, 'guide-run-'))
  const nginxFolder = mkdtempSync(join(tmpdir(), 'guide-nginx-'))
  writePage(pages.get(page)!, folder)
  const running = GuideProgram.alone(
    join(folder, program),
    program === 'server.ts' ? ['--logging=error'] : [],
  )
  const port = await unusedPort()
  const configuration = toConfiguration(nginxFolder, port, (await running.url()).replace('http://', ''))
  writeFileSync(join(nginxFolder, 'nginx.conf'), configuration)
  const args = [
    '-e',
    join(nginxFolder, 'error.log'),
    '-p',
    nginxFolder,
    '-c',
    join(nginxFolder, 'nginx.conf'),
  ]
  const proxy = spawn(nginx!, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  try {
    await accepting(port)
    await check(`http://127.0.0.1:${port}`)
  } finally {
    running.child.kill('SIGKILL')
    proxy.kill()
    await Promise.all([running.ended, proxy.exitCode ?? once(proxy, 'exit')])
    rmSync(folder, { recursive: true })
    rmSync(nginxFolder, { recursive: true })
  }
}

function toConfiguration(folder: string, port: number, upstream: string): string {
  const application = pages
    .get('13-deployment')!
    .files.get('app.conf')!
    .replace('listen 443 ssl', `listen 127.0.0.1:${port}`)
    .replaceAll(/ssl_certificate.*;/g, '')
    .replace('server 127.0.0.1:8888;', `server ${upstream};`)
    .replace('server 127.0.0.1:8889;', '')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${folder}/${name};`)
    .join('\n')
  return `daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${folder}/nginx.pid;
events {}
http {
access_log off;
${temporary}
${application}
}`
}

async function unusedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Resolves when somebody accepts connections at the port. */
async function accepting(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    })
    socket.destroy()
    if (isOpen) return
    await new Promise((resolve) => setImmediate(resolve))
  }
}
