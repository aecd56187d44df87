// Runs the packages' tests on the older Nodes, against the built packages:
//   node scripts/node-matrix.mjs [22] [24] [--install]      after a build; --install only fetches the Nodes
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { olderNodes, provideOlderNode } from './lib/older-nodes.mjs'
import { root } from './lib/workspace.mjs'

const args = process.argv.slice(2)
const named = args.filter((arg) => /^\d+$/.test(arg))
const majors = named.length > 0 ? named : Object.keys(olderNodes)

for (const major of majors) {
  if (olderNodes[major] === undefined) {
    console.error(`Node ${major} is not among the older Nodes: ${Object.keys(olderNodes).join(', ')}`)
    process.exit(1)
  }
}
const provided = await Promise.all(majors.map((major) => provideOlderNode(major)))
majors.forEach((major, index) => {
  const { node, reason } = provided[index]
  if (node === undefined) console.log(`note: no Node ${olderNodes[major]} (${reason}): its tests are skipped`)
  else if (!args.includes('--install') && !passes(node)) process.exitCode = 1
})

function passes(node) {
  const vitest = join('node_modules', 'vitest', 'vitest.mjs')
  const { status } = spawnSync(
    node,
    [vitest, 'run', '--config', 'scripts/vitest/built.config.ts', '--reporter=dot'],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, TORNADO_TS_BUILT: '1' },
    },
  )
  return status === 0
}
