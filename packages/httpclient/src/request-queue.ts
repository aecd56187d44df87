import type { Lane } from './connection-pool.ts'
import { TaskFifo, type Queued } from './task-fifo.ts'

/** A task that needs a connection. */
export interface Applicant extends Queued {
  readonly lane: Lane
  /** It has its turn: one connection of its lane is its to use until {@link RequestQueue.release}. */
  admitted(): void
}

/** Limits of a {@link RequestQueue}. */
export interface RequestQueueOptions {
  readonly maxClients: number
  readonly maxConnectionsPerOrigin: number
  readonly maxQueueSize: number
}

/**
 * Says whose turn it is: at most `maxClients` at once, of one lane at most `maxConnectionsPerOrigin`, first come, first
 * served. Whoever waits for a lane that is full holds up nobody else.
 */
export class RequestQueue {
  readonly #options: RequestQueueOptions
  readonly #waiting: TaskFifo<Applicant> = new TaskFifo()
  #active = 0
  #blockedCount = 0
  /** Lanes that others wait for and that may have room again. */
  readonly #freed = new Set<Lane>()
  #serving = false

  constructor(options: RequestQueueOptions) {
    this.#options = options
  }

  /** Connections in use. */
  get active(): number {
    return this.#active
  }

  /** Those that wait. */
  get size(): number {
    return this.#waiting.size + this.#blockedCount
  }

  /** Whether a task of the lane would have to wait, and there is no room for it to. */
  refuses(lane: Lane): boolean {
    return this.size >= this.#options.maxQueueSize && !this.#hasRoom(lane)
  }

  /** Admits the task at once, `true`, or lets it wait. */
  submit(task: Applicant): boolean {
    if (this.#hasRoom(task.lane)) {
      this.#admit(task)
      return true
    }
    this.#enqueue(task)
    return false
  }

  /** The task does not wait any more. Of no effect on one that does not. */
  withdraw(task: Applicant): void {
    const { fifo } = task
    if (fifo === null) return
    if (fifo !== (this.#waiting as unknown)) this.#blockedCount--
    fifo.remove(task)
  }

  /** A task of the lane is done with its connection. */
  release(lane: Lane): void {
    this.#active--
    lane.active--
    if (lane.blocked.size > 0) this.#freed.add(lane)
    if (this.size > 0) this.#serve()
  }

  #admit(task: Applicant): void {
    this.#active++
    task.lane.active++
    task.admitted()
  }

  #enqueue(task: Applicant): void {
    if (this.#active < this.#options.maxClients) {
      this.#blockedCount++
      task.lane.blocked.push(task)
    } else this.#waiting.push(task)
  }

  /** A loop, not a recursion: a task that fails at once makes room for the next. */
  #serve(): void {
    if (this.#serving) return
    this.#serving = true
    try {
      while (this.#active < this.#options.maxClients) {
        const next = this.#nextBlocked() ?? this.#waiting.shift()
        if (next === null) break
        if (this.#isLaneFull(next.lane)) this.#enqueue(next)
        else this.#admit(next)
      }
    } finally {
      this.#serving = false
    }
  }

  #nextBlocked(): Applicant | null {
    for (const lane of this.#freed) {
      const next = this.#isLaneFull(lane) ? null : (lane.blocked.shift() as Applicant | null)
      if (next !== null) {
        this.#blockedCount--
        return next
      }
      this.#freed.delete(lane)
    }
    return null
  }

  #hasRoom(lane: Lane): boolean {
    return this.#active < this.#options.maxClients && !this.#isLaneFull(lane)
  }

  #isLaneFull(lane: Lane): boolean {
    return lane.active >= this.#options.maxConnectionsPerOrigin
  }
}
