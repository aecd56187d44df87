import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createSignedValue } from '@tornado-ts/web'
import { LineProcess } from '../line-process.ts'
import { ChatProcess } from './chat-process.ts'
import type { CrowdPlan, Seen, Way } from './crowd.ts'

/** What is asked of a chat server. */
export interface ChatLoad {
  readonly people: number
  readonly rooms: number
  /** Messages a second, of all together. */
  readonly rate: number
  readonly seconds: number
  readonly ways: readonly Way[]
}

/** A chat server under a load. */
export interface ChatResult {
  readonly deliveries: number
  /** Deliveries that did not come, or came twice. */
  readonly missing: number
  readonly doubled: number
  readonly lost: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly cpuUsPerDelivery: number
  /** Share of one core. */
  readonly cpuShare: number
  readonly bytesPerPerson: number
}

/** The secret that the server under load signs with, and the driver too, so that nobody has to log in. */
export const cookieSecret = 'of the load driver'
const warmUpSeconds = 3
/** People whom one process may hold: one descriptor each, and some for those who post. */
const maxPerProcess = 7500
const openTimeoutMs = 300_000

export interface MeasureOptions {
  /** The command that starts the server. */
  readonly server: readonly string[]
  /** Words before the command of the driver's processes. */
  readonly prefix: readonly string[]
  readonly answersFirst: boolean
}

/** Fills a chat server with people, has them speak, and looks at what it takes. */
export async function measureChat(load: ChatLoad, options: MeasureOptions): Promise<ChatResult> {
  const server = await ChatProcess.start(options.server)
  const folder = mkdtempSync(join(tmpdir(), 'chat-load-'))
  const hosts: LineProcess[] = []
  try {
    const emptySize = server.residentSize
    const plans = planCrowds(load, server.port, options.answersFirst)
    for (const [index, plan] of plans.entries()) {
      writeFileSync(join(folder, String(index)), JSON.stringify(plan))
      hosts.push(
        new LineProcess([
          ...options.prefix,
          process.execPath,
          fileURLToPath(new URL('crowd-host.ts', import.meta.url)),
        ]),
      )
    }
    await Promise.all(hosts.map((host, i) => host.ask(`open ${join(folder, String(i))}`, openTimeoutMs)))
    // Who is here is told to everybody once more when all are here.
    await sleep(6000)
    const speak = async (seconds: number): Promise<Seen[]> => {
      const answer = (seconds + 60) * 1000
      const share = load.rate / hosts.length
      await Promise.all(hosts.map((host) => host.ask(`speak ${share} ${seconds}`, answer)))
      return await Promise.all(hosts.map(async (host) => JSON.parse(await host.ask('take', answer)) as Seen))
    }
    await speak(warmUpSeconds)
    const before = { cpuUs: server.cpuUs, at: performance.now() }
    const seen = await speak(load.seconds)
    const cpuUs = server.cpuUs - before.cpuUs
    const elapsedUs = (performance.now() - before.at) * 1000
    return summarize(load, seen, { cpuUs, elapsedUs, crowdSize: server.residentSize - emptySize })
  } finally {
    await Promise.all(hosts.map((host) => host.stop()))
    await server.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Person `i` is in room `i % rooms`; of each room, ways take turns. */
export function planCrowds(
  { people, rooms, ways }: ChatLoad,
  port: number,
  answersFirst: boolean,
): CrowdPlan[] {
  const count = Math.max(2, Math.ceil(people / maxPerProcess))
  return Array.from({ length: count }, (_, host) => ({
    port,
    answersFirst,
    people: Array.from({ length: people }, (_each, i) => i)
      .filter((i) => Math.floor(i / rooms) % count === host)
      .map((i) => ({
        room: `room-${i % rooms}`,
        way: ways[Math.floor(i / rooms / count) % ways.length]!,
        head: headOf(i),
      })),
  }))
}

function headOf(index: number): string {
  const person = createSignedValue(
    cookieSecret,
    'chat_person',
    JSON.stringify([`p${index}`, `Person ${index}`]),
  )
  const token = index.toString(16).padStart(32, '0')
  return `Cookie: chat_person=${person}; _xsrf=${token}\r\nX-XSRFToken: ${token}\r\n`
}

function summarize(
  { people, rooms, seconds }: ChatLoad,
  seen: readonly Seen[],
  { cpuUs, elapsedUs, crowdSize }: { cpuUs: number; elapsedUs: number; crowdSize: number },
): ChatResult {
  const sum = (of: (one: Seen) => number): number => seen.reduce((total, one) => total + of(one), 0)
  const deliveries = sum(({ received }) => received)
  const expected = sum(({ sent, refused }) => sent - refused) * (people / rooms)
  const latenciesUs = Float64Array.from(seen.flatMap(({ latenciesUs: each }) => each)).toSorted()
  const quantile = (q: number): number =>
    (latenciesUs[Math.floor(latenciesUs.length * q)] ?? Number.NaN) / 1000
  return {
    deliveries: deliveries / seconds,
    missing: expected - deliveries,
    doubled: sum(({ doubled }) => doubled),
    lost: sum(({ lost }) => lost),
    p50Ms: quantile(0.5),
    p99Ms: quantile(0.99),
    cpuUsPerDelivery: cpuUs / deliveries,
    cpuShare: cpuUs / elapsedUs,
    bytesPerPerson: crowdSize / people,
  }
}
