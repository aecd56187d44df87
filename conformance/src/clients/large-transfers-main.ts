// 1 GiB down and up: `pnpm --filter @tornado-ts/conformance run large-transfers`
import { transferLarge } from './large-transfers.ts'

const mebibytes = Number(process.argv[2] ?? 1024)
const { down, up } = await transferLarge(mebibytes)
for (const [name, { moved, rise }] of Object.entries({ down, up }))
  console.log(`${name}: ${moved / 2 ** 20} MiB, memory rose by ${(rise / 2 ** 20).toFixed(1)} MiB`)
if (down.moved !== mebibytes * 2 ** 20 || up.moved !== down.moved) process.exitCode = 1
