// Nothing of one machine, and no test that keeps others from running, may be in what is committed.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './lib/workspace.mjs'

const everywhere = [
  {
    pattern: /(^|[^\w.])\/(work|root|farm)\//,
    what: "a path of one machine; name the project's own folders",
  },
  {
    pattern: /\bregistry\.(npmjs|yarnpkg|npmmirror)\.|:\/\/[^\s/"']*\b(artifactory|nexus|verdaccio|jfrog)\b/i,
    what: "a registry's host; which one is used is each machine's own matter",
  },
  { pattern: /^(<{7}|>{7}) /, what: 'an unresolved merge' },
]

const inCode = [
  { pattern: /\b(it|test|describe|suite|bench)\.only\b/, what: 'keeps the other tests from running' },
  {
    pattern: /\b(it|test|describe|suite)\.(skip|todo)\b/,
    what: 'a test that never runs; use skipIf with what must be missing, or take it out',
  },
]

/** The problems of one file, `path:line  what`. */
export function checkText(path, text) {
  const rules = /\.[cm]?[jt]s$/.test(path) ? [...everywhere, ...inCode] : everywhere
  return text.split('\n').flatMap((line, index) => {
    return rules
      .filter(({ pattern }) => pattern.test(line))
      .map(({ what }) => `${path}:${index + 1}  ${what}`)
  })
}

/** Files that are committed or about to be; `undefined` outside a git checkout. */
function listFiles() {
  try {
    const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      maxBuffer: 64 * 1024 * 1024,
    })
    return listed.split('\0').filter((path) => path !== '')
  } catch {
    return undefined
  }
}

function readTexts(paths) {
  return paths
    .filter((path) => existsSync(join(root, path)) && statSync(join(root, path)).isFile())
    .map((path) => ({ path, content: readFileSync(join(root, path)) }))
    .filter(({ content }) => !content.subarray(0, 8192).includes(0))
    .map(({ path, content }) => ({ path, text: content.toString('utf8') }))
}

if (import.meta.main) {
  const files = listFiles()
  if (files === undefined) console.log('note: no git checkout here, so nothing is known of what is committed')
  const problems = readTexts(files ?? []).flatMap(({ path, text }) => checkText(path, text))
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) process.exitCode = 1
}
