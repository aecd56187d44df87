// Runs a piece of Python under Debian's interpreter, where python3-tornado lives. Arguments and results are JSON.
import { spawnSync } from 'node:child_process'

const python = '/usr/bin/python3'

/** The version of the Python Tornado that tests can hold ours against, or `null`. */
export const pythonTornadoVersion: string | null = readVersion()

/** Evaluates `program`, which finds its argument in `given` and leaves its result in `result`. */
export function runPython(program: string, given: unknown): unknown {
  const source = `import json, sys, warnings\nwarnings.simplefilter('ignore')\ngiven = json.load(sys.stdin)\n${program}\njson.dump(result, sys.stdout)\n`
  const { status, stdout, stderr } = spawnSync(python, ['-c', source], {
    input: JSON.stringify(given),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status !== 0) throw new Error(`Python failed with ${status}: ${stderr}`)
  return JSON.parse(stdout)
}

function readVersion(): string | null {
  const { status, stdout } = spawnSync(python, ['-c', 'import tornado; print(tornado.version)'], {
    encoding: 'utf8',
  })
  return status === 0 ? stdout.trim() : null
}
