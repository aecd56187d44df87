// Runs named commands in phases and reports each in one line; the output of a command is shown when it failed.
// When this process ends, so do the commands that are running.
import { spawn } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {string[]} command
 * @property {Record<string, string>} [env]   added to this process's own
 * @property {string[]} [needs]   names of steps without whose success this one is not run
 * @property {(output: string) => string} [detail]   what to say of a success, from its output
 */

/**
 * Runs the steps of a phase, `lanes` at a time, in their order.
 *
 * @param {{ title: string, lanes?: number, steps: Step[] }} phase
 * @param {Map<string, 'passed' | 'failed' | 'not run'>} results   of the steps so far; this phase's are added
 */
export async function runPhase({ title, lanes = 1, steps }, results, { cwd, print = console.log } = {}) {
  print(`\n${title}`)
  const waiting = [...steps]
  const runLane = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      const missed = step.needs?.find((name) => results.get(name) !== 'passed')
      if (missed !== undefined) {
        results.set(step.name, 'not run')
        print(`  - ${step.name}: not run, since ${missed} did not pass`)
        continue
      }
      const { passed, seconds, output } = await runStep(step, cwd)
      results.set(step.name, passed ? 'passed' : 'failed')
      print(report(step, passed, seconds, stripVTControlCharacters(output)))
      if (!passed) print(output.trimEnd().replaceAll(/^/gm, '    '))
    }
  }
  await Promise.all(Array.from({ length: lanes }, runLane))
}

/** The closing line, `12 passed, 0 failed`, and before it the names of what did not pass. */
export function summarize(results, seconds) {
  const named = (state) => [...results].filter(([, each]) => each === state).map(([name]) => name)
  const failed = named('failed')
  const notRun = named('not run')
  const lines = []
  if (failed.length > 0) lines.push(`Failed: ${failed.join(', ')}`)
  if (notRun.length > 0) lines.push(`Not run: ${notRun.join(', ')}`)
  lines.push(`Took ${seconds.toFixed(0)} s`, `${named('passed').length} passed, ${failed.length} failed`)
  return lines.join('\n')
}

function report({ name, detail }, passed, seconds, output) {
  const said = passed ? detail?.(output) : undefined
  const line = `  ${passed ? '✓' : '✗'} ${name} (${seconds.toFixed(1)} s)${said === undefined ? '' : `: ${said}`}`
  const notes = output.split('\n').flatMap((each) => /\bnote: .*/.exec(each) ?? [])
  return [line, ...new Set(notes.map((note) => `    ${note}`))].join('\n')
}

async function runStep({ command: [program, ...args], env }, cwd) {
  const start = performance.now()
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stop = () => child.kill()
  process.on('exit', stop)
  const chunks = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => chunks.push(chunk))
  const passed = await new Promise((resolve) => {
    child.on('error', (error) => {
      chunks.push(Buffer.from(`${error.message}\n`))
      resolve(false)
    })
    child.on('close', (status) => resolve(status === 0))
  })
  process.off('exit', stop)
  const seconds = (performance.now() - start) / 1000
  return { passed, seconds, output: Buffer.concat(chunks).toString() }
}
