// 1 GiB down and up with each engine: `pnpm --filter @tornado-ts/conformance run large-transfers`
import { engines } from './engines.ts'
import { transferLarge } from './large-transfers.ts'

const mebibytes = Number(process.argv[2] ?? 1024)
for (const engine of engines) {
  const transfers = await transferLarge(engine, mebibytes)
  for (const [name, { moved, rise }] of Object.entries(transfers)) {
    const rose = (rise / 2 ** 20).toFixed(1)
    console.log(`${engine.name} ${name}: ${moved / 2 ** 20} MiB, memory rose by ${rose} MiB`)
  }
  if (Object.values(transfers).some(({ moved }) => moved !== mebibytes * 2 ** 20)) process.exitCode = 1
}
