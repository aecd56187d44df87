// `npm start` and `npm test` on a bare machine: any Node >= 18 and npm will do.
// Puts the pinned pnpm into .tools/, installs the workspace (which brings its own Node),
// then runs `scripts/<task>.mjs` on the workspace's Node with the rest of the arguments.
// package.json says `exec node`: npm signals its shell only, and a shell that waits for us keeps a SIGTERM to itself.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { exitLike, passSignalsTo } from './lib/child.mjs'
import { nodePackage } from './lib/node-package.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [task, ...rest] = process.argv.slice(2)
const windows = process.platform === 'win32'
const tools = join(root, '.tools')
const pnpm = join(tools, 'node_modules', 'pnpm', windows ? 'pnpm.exe' : 'pnpm')

const env = {
  ...process.env,
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
  TURBO_NO_UPDATE_NOTIFIER: '1',
}
// npm's own settings would reach pnpm as if they were meant for it.
for (const key of Object.keys(env)) if (/^npm_/i.test(key)) delete env[key]
// turbo looks for pnpm on PATH, the scripts for turbo, tsc and node.
env.PATH = [join(root, 'node_modules', '.bin'), join(tools, 'node_modules', '.bin'), env.PATH].join(delimiter)

function readVersion(packageJson) {
  try {
    return JSON.parse(readFileSync(packageJson, 'utf8')).version
  } catch {
    return undefined
  }
}

/** The workspace's own Node; where the registry has none for this system, the one that runs this. */
function workspaceNode() {
  const node = join(root, 'node_modules', nodePackage() ?? 'none', 'bin', 'node')
  if (existsSync(node)) return node
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > 22 || (major === 22 && minor >= 18)) return process.execPath
  console.error(
    `No Node came with the workspace, and this is ${process.version}: run it with Node 22.18 or newer`,
  )
  process.exit(1)
}

function run(command, args, options = {}) {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env, ...options })
  if (error) throw error
  if (status !== 0) exitLike(status, signal)
}

function installPnpm() {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const version = packageManager.split('@')[1].split('+')[0]
  if (existsSync(pnpm) && readVersion(join(tools, 'node_modules', 'pnpm', 'package.json')) === version) return
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']
  const flags = ['--no-save', '--no-package-lock', ...quiet]
  run(windows ? 'npm.cmd' : 'npm', ['install', '--prefix', tools, ...flags, `pnpm@${version}`], {
    shell: windows,
    // npm tells how much it added; a user who asked for a server need not know.
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

installPnpm()
run(pnpm, ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only', '--loglevel=warn'])

const child = spawn(workspaceNode(), [join('scripts', `${task}.mjs`), ...rest], {
  cwd: root,
  stdio: 'inherit',
  env,
})
passSignalsTo(child)
child.on('exit', exitLike)
