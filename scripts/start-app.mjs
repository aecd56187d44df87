// Builds an app with all it needs, then runs it:
//   npm start [-- [app] [flags of the app]]      apps/hello-world unless another folder of apps/ is named
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { exitLike, passSignalsTo } from './lib/child.mjs'
import { root } from './lib/workspace.mjs'

const [first, ...others] = process.argv.slice(2)
const named = first !== undefined && !first.startsWith('-')
const app = named ? first : 'hello-world'
const flags = named ? others : process.argv.slice(2)

if (!/^[\w-]+$/.test(app) || !existsSync(join(root, 'apps', app, 'package.json'))) {
  console.error(`No app ${app}; there are: ${readdirSync(join(root, 'apps')).join(', ')}`)
  process.exit(1)
}
await build()
const child = spawn(process.execPath, [join('apps', app, 'dist', 'main.js'), ...flags], {
  cwd: root,
  stdio: 'inherit',
})
passSignalsTo(child)
child.on('exit', exitLike)

/** Says nothing when all is built already; a first build takes long enough to say what goes on. */
async function build() {
  const turbo = spawn('turbo', ['run', 'build', `--filter=./apps/${app}`, '--output-logs=errors-only'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const notice = setTimeout(() => console.error(`Building ${app} …`), 1_000)
  const output = []
  for (const stream of [turbo.stdout, turbo.stderr]) stream.on('data', (chunk) => output.push(chunk))
  const [status, signal] = await new Promise((resolve) => {
    turbo.on('close', (...ended) => resolve(ended))
  })
  clearTimeout(notice)
  if (status === 0) return
  process.stderr.write(Buffer.concat(output))
  exitLike(status, signal)
}
