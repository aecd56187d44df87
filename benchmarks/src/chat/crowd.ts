import type { Link, Visitor } from './visitor.ts'
import { connectPolling } from './polling-visitor.ts'
import { connectWebSocket } from './websocket-visitor.ts'
import { Poster } from './poster.ts'

/** How people are connected. */
export type Way = 'polling' | 'websocket'

/** The people that one process holds. */
export interface CrowdPlan {
  readonly port: number
  readonly people: readonly { readonly room: string; readonly way: Way; readonly head: string }[]
  /** Whether a first poll is answered at once, as one that asks who is here. */
  readonly answersFirst: boolean
}

/** What one process saw of a load. */
export interface Seen {
  readonly sent: number
  readonly refused: number
  readonly received: number
  /** Messages that came twice or in the wrong order, to one person. */
  readonly doubled: number
  readonly lost: number
  /** From the sender's call to the receiver's, in microseconds. */
  readonly latenciesUs: readonly number[]
}

/** Most people who connect at the same time. */
const connectingAtOnce = 100

/** People who listen, some of whom speak. */
export class Crowd {
  readonly #plan: CrowdPlan
  readonly #visitors: Visitor[] = []
  readonly #poster: Poster
  #received = 0
  #doubled = 0
  #lost = 0
  #sent = 0
  #latenciesUs: number[] = []

  constructor(plan: CrowdPlan) {
    this.#plan = plan
    this.#poster = new Poster(plan.port)
  }

  /** Connects everybody. */
  async open(): Promise<void> {
    const rest = this.#plan.people.entries()
    const worker = async (): Promise<void> => {
      for (const [index, person] of rest) this.#visitors[index] = await this.#connect(person)
    }
    await Promise.all(Array.from({ length: connectingAtOnce }, worker))
  }

  /** Has people speak, `rate` messages a second, for so long. */
  async speak(rate: number, seconds: number): Promise<void> {
    const started = performance.now()
    const total = Math.round(rate * seconds)
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const due = Math.min(total, Math.floor(((performance.now() - started) / 1000) * rate))
        while (this.#sent < due) this.#speakOnce()
        if (this.#sent < total) return
        clearInterval(timer)
        resolve()
      }, 2)
    })
  }

  /** How many messages have come since the last {@link take}. */
  get received(): number {
    return this.#received
  }

  /** What was seen since the last call. */
  take(): Seen {
    const seen = {
      sent: this.#sent,
      refused: this.#poster.refused,
      received: this.#received,
      doubled: this.#doubled,
      lost: this.#lost,
      latenciesUs: this.#latenciesUs,
    }
    this.#sent = this.#received = this.#doubled = this.#lost = 0
    this.#latenciesUs = []
    return seen
  }

  #connect({ room, way, head }: CrowdPlan['people'][number]): Promise<Visitor> {
    let last = 0
    const link: Link = {
      port: this.#plan.port,
      room,
      head,
      answersFirst: this.#plan.answersFirst,
      heard: ({ id, sentAtUs }) => {
        if (id <= last) this.#doubled++
        last = id
        this.#received++
        this.#latenciesUs.push(nowUs() - sentAtUs)
      },
      lost: () => void this.#lost++,
    }
    return way === 'polling' ? connectPolling(link) : connectWebSocket(link)
  }

  #speakOnce(): void {
    const index = Math.floor(Math.random() * this.#visitors.length)
    const { room, head } = this.#plan.people[index]!
    const text = `load ${nowUs()} ${'of about sixty characters'.padEnd(38, '.')}`
    this.#sent++
    const { say } = this.#visitors[index]!
    if (say !== null) say(text)
    else this.#poster.say(room, head, text)
  }
}

/** A clock that all processes of the machine share. */
function nowUs(): number {
  return Number(process.hrtime.bigint() / 1000n)
}
