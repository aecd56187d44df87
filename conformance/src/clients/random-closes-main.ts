// 100,000 requests to a server that closes connections at random, with each engine:
// `pnpm --filter @tornado-ts/conformance run random-closes`
import { engines } from './engines.ts'
import { fetchFromRandomCloser } from './random-closes.ts'

const count = Number(process.argv[2] ?? 100_000)
for (const engine of engines) {
  const beganMs = performance.now()
  const { done, errors, connections } = await fetchFromRandomCloser(engine, count, 50)
  const seconds = ((performance.now() - beganMs) / 1000).toFixed(1)
  console.log(`${engine.name}: ${done} of ${count} requests over ${connections} connections in ${seconds} s`)
  for (const [name, times] of errors) console.error(`${times} × ${name}`)
  if (done !== count) process.exitCode = 1
}
