// `npm start` and `npm test` on a bare machine: any Node >= 18 and npm will do.
// Puts the pinned pnpm into .tools/, installs the workspace (which brings its own Node),
// then runs the named root script through pnpm, so that it runs on the workspace's Node.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [task, ...rest] = process.argv.slice(2)
const windows = process.platform === 'win32'
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const version = packageManager.split('@')[1].split('+')[0]
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
// turbo looks for pnpm on PATH.
env.PATH = [join(tools, 'node_modules', '.bin'), env.PATH].join(delimiter)

function installedPnpm() {
  try {
    return JSON.parse(readFileSync(join(tools, 'node_modules', 'pnpm', 'package.json'), 'utf8')).version
  } catch {
    return undefined
  }
}

function run(command, args, options = {}) {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env, ...options })
  if (error) throw error
  if (status !== 0) process.exit(status ?? (signal === 'SIGINT' ? 130 : 1))
}

if (installedPnpm() !== version || !existsSync(pnpm)) {
  const flags = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--loglevel=error']
  run(windows ? 'npm.cmd' : 'npm', ['install', '--prefix', tools, ...flags, `pnpm@${version}`], { shell: windows })
}
run(pnpm, ['install', '--frozen-lockfile', '--prefer-offline', '--reporter=append-only', '--loglevel=warn'])
run(pnpm, ['run', '--silent', task, ...rest])
