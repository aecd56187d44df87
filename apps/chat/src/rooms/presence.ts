import { nextId } from './message.ts'

/** Who is in a room, as pages get it. */
export interface PeopleHere {
  /** Another one for each change. */
  readonly version: number
  readonly count: number
  /** The first of them, by when they came. */
  readonly names: readonly { readonly id: string; readonly name: string }[]
}

/** Most people that are named. */
const maxNames = 100

interface Visit {
  readonly name: string
  /** How many pages are connected. */
  pages: number
  /** When the last of them left, in milliseconds. */
  leftAt: number
}

/**
 * Who is in a room. Whoever leaves counts for a while longer: between two polls, or while a page connects again, nobody is gone.
 */
export class Presence {
  readonly #graceMs: number
  readonly #visits = new Map<string, Visit>()
  #version = nextId(0)
  #json: string | null = null

  constructor(graceMs: number) {
    this.#graceMs = graceMs
  }

  get version(): number {
    return this.#version
  }

  get count(): number {
    return this.#visits.size
  }

  /** A page of someone has connected. Answers whether that changes who is here. */
  enter(id: string, name: string): boolean {
    const visit = this.#visits.get(id)
    if (visit?.name === name) {
      visit.pages++
      return false
    }
    this.#visits.set(id, { name, pages: (visit?.pages ?? 0) + 1, leftAt: 0 })
    this.#changed()
    return true
  }

  /** A page of someone has gone. */
  leave(id: string, nowMs: number = Date.now()): void {
    const visit = this.#visits.get(id)
    if (visit === undefined) return
    visit.pages--
    visit.leftAt = nowMs
  }

  /** Lets those go who left long enough ago. Answers whether that changes who is here. */
  sweep(nowMs: number = Date.now()): boolean {
    const before = this.#visits.size
    for (const [id, { pages, leftAt }] of this.#visits) {
      if (pages <= 0 && nowMs - leftAt >= this.#graceMs) this.#visits.delete(id)
    }
    if (this.#visits.size === before) return false
    this.#changed()
    return true
  }

  /** The same as JSON, made once for all who are told. */
  get json(): string {
    this.#json ??= JSON.stringify(this)
    return this.#json
  }

  toJSON(): PeopleHere {
    const names = [...this.#visits].slice(0, maxNames).map(([id, { name }]) => ({ id, name }))
    return { version: this.#version, count: this.#visits.size, names }
  }

  #changed(): void {
    this.#version = nextId(this.#version)
    this.#json = null
  }
}
