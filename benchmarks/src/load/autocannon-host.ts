// The process in which autocannon runs: a line of options in, a line of results out.
import { createInterface } from 'node:readline'
import autocannon, { type Options } from 'autocannon'

for await (const line of createInterface({ input: process.stdin })) {
  const options: Options = JSON.parse(line)
  process.stdout.write(`${JSON.stringify(await autocannon(options))}\n`)
}
