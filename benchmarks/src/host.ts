// The process in which a server of `servers/` runs, and its side of the protocol of `server-process.ts`:
// one line of JSON with the port, then one for every line `usage`; the end of standard input ends it.
import { createInterface } from 'node:readline'
import type { Serve } from './server-program.ts'

const [program, spec] = process.argv.slice(2)
if (program === undefined || spec === undefined) throw new TypeError('Usage: host.ts PROGRAM SPEC')

const { serve }: { serve: Serve } = await import(`./servers/${program}.ts`)
/** There when the process runs with `--expose-gc`, so that memory is what is kept and not what is left lying about. */
const collectGarbage = (globalThis as { gc?: () => void }).gc

say({ port: await serve(JSON.parse(spec)) })

for await (const line of createInterface({ input: process.stdin })) {
  if (line !== 'usage') continue
  collectGarbage?.()
  const { user, system } = process.cpuUsage()
  say({ cpuUs: user + system, residentSize: process.memoryUsage.rss() })
}
process.exit(0)

function say(answer: object): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}
