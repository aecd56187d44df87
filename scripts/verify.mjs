// What `npm test` runs after the install. The quickest answers come first; turbo remembers what has not changed.
import { exitLike } from './lib/child.mjs'
import { findOlderNode, olderNodes } from './lib/older-nodes.mjs'
import { runPhase, summarize } from './lib/steps.mjs'
import { root } from './lib/workspace.mjs'
import { presentSystemPackages } from './system-packages.mjs'

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => exitLike(null, signal))

const results = new Map()
const start = performance.now()
const phase = (title, steps, lanes) => runPhase({ title, steps, lanes }, results, { cwd: root })

/** A script of the root's package.json. */
const script = (name, more) => ({ name, command: ['pnpm', 'run', '--silent', name], ...more })

/** A turbo task of every package that has it. */
const task = (name, more) => ({
  name,
  command:
    `turbo run ${name} --continue=dependencies-successful --concurrency=2 --output-logs=errors-only`.split(
      ' ',
    ),
  detail: tasksIn,
  ...more,
})

const checks = [
  'check:format',
  'check:hygiene',
  'check:versions',
  'check:graph',
  'check:types',
  'check:lint',
  'check:scripts',
]
// Two lanes for the cores, one for what mostly waits for the network.
await phase(
  'The whole workspace',
  ['setup:nodes', 'setup:system', ...checks].map((name) => script(name)),
  3,
)

await phase('The packages', [
  task('build'),
  task('typecheck'),
  // What is installed decides which tests are skipped, so it is part of what turbo remembers a result by.
  task('test', { env: { TORNADO_TS_SYSTEM: presentSystemPackages().join(' ') } }),
  task('check:package', { needs: ['build'] }),
])

await phase('The built packages', [...(await matrix()), script('smoke', { needs: ['build'] })])

console.log(`\n${summarize(results, (performance.now() - start) / 1000)}`)
if ([...results.values()].some((result) => result !== 'passed')) process.exitCode = 1

async function matrix() {
  const steps = []
  for (const major of Object.keys(olderNodes)) {
    if ((await findOlderNode(major)) === undefined) continue
    const name = `node:${major}`
    steps.push({
      name,
      command: ['turbo', 'run', `//#${name}`, '--output-logs=full'],
      detail: testsIn,
      needs: ['build'],
    })
  }
  return steps
}

/** Of turbo's last lines. */
function tasksIn(output) {
  const [, total] = /Tasks:\s+\d+ successful, (\d+) total/.exec(output) ?? []
  const [, cached] = /Cached:\s+(\d+) cached/.exec(output) ?? []
  return `${total} tasks, ${cached} of them remembered`
}

/** Of vitest's last lines. */
function testsIn(output) {
  return /\bTests\s+(.*)/.exec(output)?.[1] ?? 'no tests'
}
