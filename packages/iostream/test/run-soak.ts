// pnpm --filter @tornado-ts/iostream run soak [connections]
import { soak, type Usage } from './soak.ts'

const connections = Number(process.argv[2] ?? 19_000)
const begun = performance.now()
const { before, during, after, answered } = await soak(connections)

const mebibytes = (size: number): string => `${(size / 2 ** 20).toFixed(1)} MiB`
const show = (name: string, usage: Usage): void => {
  console.log(
    `${name.padEnd(8)} ${String(usage.open).padStart(6)} open, resident ${mebibytes(usage.residentSize)}, ` +
      `heap ${mebibytes(usage.heapSize)}, buffers ${mebibytes(usage.buffersSize)}`,
  )
}
show('before', before)
show('during', during)
show('after', after)
const each = (during.residentSize - before.residentSize) / connections
const growth = after.residentSize / before.residentSize - 1
console.log(`${answered} of ${connections} answered; ${(each / 1000).toFixed(2)} KB resident each`)
console.log(
  `resident after: ${(growth * 100).toFixed(1)} % above before; ${((performance.now() - begun) / 1000).toFixed(1)} s`,
)
if (answered !== connections || growth > 0.2) process.exitCode = 1
