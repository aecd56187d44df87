// The older Nodes that are supported beside the workspace's own. They come from the registry, on demand,
// into .tools/node-<major>.
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { nodePackage } from './node-package.mjs'
import { root } from './workspace.mjs'

/** The version that is tested of each line. */
export const olderNodes = { 22: '22.23.3', 24: '24.21.0' }

/** Where the program of that line is, or `undefined` when it is not installed. */
export async function findOlderNode(major) {
  const node = programOf(major)
  if (!existsSync(node)) return undefined
  const installed = await promisify(execFile)(node, ['--version']).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  )
  return installed === `v${olderNodes[major]}` ? node : undefined
}

/**
 * Installs a line's Node unless it is there.
 *
 * @returns {Promise<{ node: string } | { reason: string }>}
 */
export async function provideOlderNode(major) {
  const present = await findOlderNode(major)
  if (present !== undefined) return { node: present }
  const name = nodePackage()
  if (name === undefined) return { reason: `no package of it for ${process.platform}-${process.arch}` }
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']
  const flags = ['--prefix', folderOf(major), '--no-save', '--no-package-lock', '--ignore-scripts', ...quiet]
  try {
    await promisify(execFile)('npm', ['install', ...flags, `${name}@${olderNodes[major]}`], { cwd: root })
  } catch (error) {
    return { reason: `npm could not install it: ${firstLine(error.stderr) ?? error.message}` }
  }
  const node = await findOlderNode(major)
  return node === undefined ? { reason: 'it is installed, but does not run' } : { node }
}

function folderOf(major) {
  return join(root, '.tools', `node-${major}`)
}

function programOf(major) {
  return join(folderOf(major), 'node_modules', nodePackage() ?? 'none', 'bin', 'node')
}

function firstLine(text) {
  return text?.split('\n').find((line) => line.trim() !== '')
}
