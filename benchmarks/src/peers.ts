import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { AppKind } from './app-spec.ts'
import { installedVersion } from './installed-version.ts'

/** A server that loads are put on. */
export interface Peer {
  /** As the command line takes it. */
  readonly name: string
  /** As the report shows it. */
  readonly label: string
  /** Made from `packages/`, which is then built first. */
  readonly ours: boolean
  /** What it can serve. */
  readonly kinds: readonly AppKind[]
  /** Its version and that of what it needs, or `null` where it is not installed. */
  readonly version: () => string | null
  /** The program and its first arguments; the app's spec follows. Flags of Node, where it runs on that, go in between. */
  readonly command: (nodeFlags: readonly string[]) => string[]
}

const everyKind: readonly AppKind[] = ['hello', 'json', 'form', 'routes']
const websocketKinds: readonly AppKind[] = ['ws-echo', 'ws-deflate', 'ws-broadcast']
const inputKinds: readonly AppKind[] = ['order', 'session']
const frameworkKinds: readonly AppKind[] = [...inputKinds, 'gzip', 'static']
const clientKinds: readonly AppKind[] = ['fetch']
const engineKinds: readonly AppKind[] = ['table', 'compile']
const host = fileURLToPath(new URL('host.ts', import.meta.url))
const processTree = fileURLToPath(new URL('servers/process-tree.py', import.meta.url))
const wsgiProgram = fileURLToPath(new URL('servers/wsgi-peer.py', import.meta.url))

/** All servers, in the order of the report. The first is what the others are compared with. */
export const peers: readonly Peer[] = [
  {
    ...nodePeer('net-floor', '`node:net`, a fixed answer', []),
    kinds: [...everyKind, ...inputKinds, 'lines', 'stream', 'ws-echo', 'ws-broadcast'],
  },
  { ...nodePeer('node-http', '`node:http`', []), kinds: [...everyKind, 'upload', 'download'] },
  {
    ...nodePeer('fastify', 'Fastify', ['fastify', '@fastify/compress', '@fastify/cookie', '@fastify/static']),
    kinds: [...everyKind, ...frameworkKinds],
  },
  nodePeer('hono', 'Hono', ['hono', '@hono/node-server']),
  {
    ...nodePeer('express', 'Express', ['express', 'compression', 'cookie-parser']),
    kinds: [...everyKind, ...frameworkKinds],
  },
  {
    name: 'bun',
    label: 'Bun.serve',
    ours: false,
    kinds: everyKind,
    version: () => firstLine(['bun', '--version']),
    command: () => ['bun', host, 'bun'],
  },
  pythonTornado(),
  {
    ...nodePeer('httpserver', '`@tornado-ts/httpserver`, a bare delegate', ['@tornado-ts/httpserver']),
    ours: true,
    kinds: ['hello', 'upload', 'download'],
  },
  {
    ...nodePeer('web', '`@tornado-ts/web`', ['@tornado-ts/web']),
    ours: true,
    kinds: [...everyKind, ...frameworkKinds],
  },
  {
    ...nodePeer('iostream', '`@tornado-ts/iostream`, a receiver', ['@tornado-ts/iostream']),
    ours: true,
    kinds: ['lines', 'stream'],
  },
  {
    ...nodePeer('iostream-reads', '`@tornado-ts/iostream` with awaited reads', ['@tornado-ts/iostream']),
    ours: true,
    kinds: ['lines', 'stream'],
  },
  { ...nodePeer('ws', '`ws`', ['ws']), kinds: websocketKinds },
  {
    ...nodePeer('websocket', '`@tornado-ts/websocket`', ['@tornado-ts/websocket']),
    ours: true,
    kinds: websocketKinds,
  },
  { ...nodePeer('net-client', '`node:net`, a client that looks at nothing', []), kinds: clientKinds },
  { ...nodePeer('undici', 'undici `request()`', ['undici']), kinds: clientKinds },
  { ...nodePeer('node-http-client', '`node:http` with an Agent', []), kinds: clientKinds },
  { ...nodePeer('node-fetch', 'fetch of Node', []), kinds: clientKinds },
  { ...nodePeer('got', 'got', ['got']), kinds: clientKinds },
  pythonClient('simple', ''),
  pythonClient('curl', ', pycurl " + pycurl.version.split()[0].split("/")[1] + "'),
  {
    ...nodePeer('httpclient', '`@tornado-ts/httpclient`', ['@tornado-ts/httpclient']),
    ours: true,
    kinds: clientKinds,
  },
  {
    ...nodePeer('curl-client', '`@tornado-ts/curl-client`', ['@tornado-ts/curl-client']),
    ours: true,
    kinds: clientKinds,
  },
  { ...nodePeer('eta', 'eta', ['eta']), kinds: engineKinds },
  { ...nodePeer('ejs', 'EJS', ['ejs']), kinds: engineKinds },
  { ...nodePeer('nunjucks', 'Nunjucks', ['nunjucks']), kinds: engineKinds },
  {
    ...nodePeer('template', '`@tornado-ts/template`', ['@tornado-ts/template']),
    ours: true,
    kinds: engineKinds,
  },
  wsgiPeer('gunicorn-sync', 'gunicorn sync', 'gunicorn'),
  wsgiPeer('gunicorn-gthread', 'gunicorn gthread, 4 threads', 'gunicorn'),
  wsgiPeer('tornado-wsgi', 'Python Tornado WSGIContainer', 'tornado'),
  wsgiCompat(),
]

/** The server that ratios are taken to. */
export const floor = 'net-floor'

/** A module of `servers/` that runs on this Node. Without packages its version is Node's. */
function nodePeer(name: string, label: string, packages: readonly string[]): Peer {
  return {
    name,
    label,
    ours: false,
    kinds: everyKind,
    version: () => {
      const [first = '', ...others] = packages.map((each) => installedVersion(each))
      if (packages.length === 0) return process.version.slice(1)
      return [first, ...others.map((version, index) => `${packages[index + 1]} ${version}`)].join(', ')
    },
    command: (nodeFlags) => [process.execPath, ...nodeFlags, host, name],
  }
}

function pythonTornado(): Peer {
  const program = fileURLToPath(new URL('servers/python-tornado.py', import.meta.url))
  const ask = 'import sys, tornado; print(tornado.version + ", Python " + sys.version.split()[0])'
  // The system's Python is where distributions put Tornado; the first one on PATH may be another.
  const pythons = ['/usr/bin/python3', 'python3']
  const found = (): [python: string, version: string] | undefined => {
    for (const python of pythons) {
      const version = firstLine([python, '-c', ask])
      if (version !== null) return [python, version]
    }
    return undefined
  }
  return {
    name: 'python-tornado',
    label: 'Python Tornado',
    ours: false,
    kinds: [...everyKind, ...engineKinds],
    version: () => found()?.[1] ?? null,
    command: () => [found()?.[0] ?? 'python3', program],
  }
}

/** A server of WSGI for Python with the Flask application, all its processes counted. */
function wsgiPeer(name: string, label: string, module: 'gunicorn' | 'tornado'): Peer {
  const python = '/usr/bin/python3'
  const version = module === 'tornado' ? 'tornado.version' : 'gunicorn.__version__'
  return {
    name,
    label,
    ours: false,
    kinds: ['flask'],
    version: () =>
      firstLine([
        python,
        '-c',
        `import flask, sys, ${module}; print(${version} + ", Python " + sys.version.split()[0])`,
      ]),
    command: () => [python, processTree, python, wsgiProgram, module === 'tornado' ? module : name],
  }
}

/** Its workers are processes of their own, too. */
function wsgiCompat(): Peer {
  const python = '/usr/bin/python3'
  return {
    ...nodePeer('wsgi-compat', '`@tornado-ts/wsgi-compat`', ['@tornado-ts/wsgi-compat']),
    ours: true,
    kinds: ['flask'],
    version: () =>
      firstLine([python, '-c', 'import flask']) === null ? null : installedVersion('@tornado-ts/wsgi-compat'),
    command: (nodeFlags) => [python, processTree, process.execPath, ...nodeFlags, host, 'wsgi-compat'],
  }
}

/** One of Tornado's two clients; `more` is what else its version says. */
function pythonClient(which: 'simple' | 'curl', more: string): Peer {
  const program = fileURLToPath(new URL('servers/python-clients.py', import.meta.url))
  const modules = which === 'curl' ? 'sys, tornado, pycurl' : 'sys, tornado'
  const ask = `import ${modules}; print(tornado.version + ", Python " + sys.version.split()[0] + "${more}")`
  return {
    name: `python-tornado-${which}`,
    label: `Python Tornado, its ${which} client`,
    ours: false,
    kinds: clientKinds,
    version: () => firstLine(['/usr/bin/python3', '-c', ask]),
    command: () => ['/usr/bin/python3', program, which],
  }
}

/** What a command prints first, or `null` when it is not there or fails. */
function firstLine([file = '', ...args]: readonly string[]): string | null {
  const { status, stdout } = spawnSync(file, args, { encoding: 'utf8' })
  return status === 0 ? (stdout.split('\n')[0] ?? null) : null
}

/**
 * The servers of these names, or all without a name.
 * @throws {Error} On a name of no server.
 */
export function selectPeers(names: readonly string[]): Peer[] {
  const unknown = names.find((name) => !peers.some((peer) => peer.name === name))
  if (unknown !== undefined) {
    throw new Error(`No server is called ${unknown}; there are ${peers.map(({ name }) => name).join(', ')}`)
  }
  return peers.filter(({ name }) => names.length === 0 || names.includes(name))
}
