// Fuzzes the decoder of WebSocket frames: node --conditions=@tornado-ts/source src/websocket/fuzz-main.ts [frames] [seed]
import { fuzz } from './fuzz.ts'

const frameCount = Number(process.argv[2] ?? 10_000_000)
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31)
console.log(`seed ${seed}`)
const begun = performance.now()
const { frames, messages, errors } = fuzz(frameCount, seed)
console.log(`${frames} frames, ${messages} messages, errors by code ${JSON.stringify(errors)}`)
console.log(`${((performance.now() - begun) / 1000).toFixed(1)} s`)
