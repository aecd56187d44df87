// 100,000 requests to a server that closes connections at random: `pnpm --filter @tornado-ts/conformance run random-closes`
import { fetchFromRandomCloser } from './random-closes.ts'

const count = Number(process.argv[2] ?? 100_000)
const beganMs = performance.now()
const { done, errors, connections } = await fetchFromRandomCloser(count, 50)
const seconds = ((performance.now() - beganMs) / 1000).toFixed(1)
console.log(`${done} of ${count} requests over ${connections} connections in ${seconds} s`)
for (const [name, times] of errors) console.error(`${times} × ${name}`)
if (done !== count) process.exitCode = 1
