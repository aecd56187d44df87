import { availableParallelism } from 'node:os'

/** How many processors this process may use. Tornado: process.cpu_count. */
export function cpuCount(): number {
  return availableParallelism()
}
