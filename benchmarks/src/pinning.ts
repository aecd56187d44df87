import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** Words before a command that keep a program on its cores; none where nothing can be pinned. */
export interface Pinning {
  readonly server: readonly string[]
  readonly load: readonly string[]
  /** How many cores the load has. */
  readonly loadCores: number
}

/** The server gets the last core, as the first ones serve most interrupts; the load gets all others. */
export function planPinning(cores: readonly number[]): Pinning {
  const last = cores.at(-1)
  if (last === undefined || cores.length < 2) return { server: [], load: [], loadCores: 1 }
  const others = cores.slice(0, -1)
  return {
    server: ['taskset', '-c', String(last)],
    load: ['taskset', '-c', others.join(',')],
    loadCores: others.length,
  }
}

/** Pins by `taskset` where there is one. */
export function findPinning(): Pinning {
  const { error } = spawnSync('taskset', ['--version'])
  return planPinning(error === undefined ? allowedCores() : [])
}

function allowedCores(): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? ''
  return parseCoreList(list)
}

/** `0-2,5` is 0, 1, 2, 5. */
export function parseCoreList(list: string): number[] {
  if (list === '') return []
  return list.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })
}
