// 1 GiB down and up: `pnpm --filter @tornado-ts/conformance run large-transfers`
import { transferLarge } from './large-transfers.ts'

const mebibytes = Number(process.argv[2] ?? 1024)
const transfers = await transferLarge(mebibytes)
for (const [name, { moved, rise }] of Object.entries(transfers))
  console.log(`${name}: ${moved / 2 ** 20} MiB, memory rose by ${(rise / 2 ** 20).toFixed(1)} MiB`)
if (Object.values(transfers).some(({ moved }) => moved !== mebibytes * 2 ** 20)) process.exitCode = 1
