import { clientCase } from '../load/client-case.ts'
import type { LoadCase } from '../load-case.ts'

/** GETs over kept connections, so many at once. */
export function fetchCase(concurrency: number): LoadCase {
  return clientCase({
    name: `client-${concurrency}`,
    title: `GET of 100 bytes over kept connections, ${concurrency} at once; the CPU is the client's`,
    app: { kind: 'fetch', concurrency, size: 100 },
  })
}
