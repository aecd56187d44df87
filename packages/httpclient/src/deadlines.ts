/** Something that must be over by a point in time. One is in one list at most. */
export interface Deadline {
  dueMs: number
  list: DeadlineList | null
  previous: Deadline | null
  next: Deadline | null
  expire(): void
}

/** A deadline that calls back. */
export class CallbackDeadline implements Deadline {
  dueMs = 0
  list: DeadlineList | null = null
  previous: Deadline | null = null
  next: Deadline | null = null
  readonly expire: () => void

  constructor(expire: () => void) {
    this.expire = expire
  }
}

/**
 * Watches the time-outs of many requests with one timer.
 *
 * Requests mostly have the same few time-outs, and of those with the same the first is due first: so each time-out has a
 * list, adding and removing is a matter of pointers, and the timer looks at the heads alone.
 */
export class Deadlines {
  readonly #lists = new Map<number, DeadlineList>()
  #last: DeadlineList | null = null
  #timer: NodeJS.Timeout | null = null
  #timerDueMs = Infinity
  #sweepPending = false

  /** Calls `deadline.expire` when `timeoutMs` are over, unless it is removed before. */
  add(deadline: Deadline, timeoutMs: number, nowMs: number): void {
    let list = this.#last
    if (list === null || list.timeoutMs !== timeoutMs) {
      list = this.#listOf(timeoutMs)
      this.#last = list
    }
    deadline.dueMs = nowMs + timeoutMs
    list.push(deadline)
    if (deadline.dueMs < this.#timerDueMs) this.#arm(deadline.dueMs, nowMs)
  }

  /** Of no effect on one that is in no list. */
  remove(deadline: Deadline): void {
    deadline.list?.remove(deadline)
  }

  /** Stops the timer; deadlines that are still in lists do not expire. */
  close(): void {
    clearTimeout(this.#timer ?? undefined)
    this.#timer = null
    this.#timerDueMs = Infinity
  }

  #listOf(timeoutMs: number): DeadlineList {
    let list = this.#lists.get(timeoutMs)
    if (list === undefined) {
      // Time-outs that are computed would leave a list each.
      if (this.#lists.size >= 64)
        for (const [key, each] of this.#lists) if (each.first === null) this.#lists.delete(key)
      list = new DeadlineList(timeoutMs)
      this.#lists.set(timeoutMs, list)
    }
    return list
  }

  #arm(dueMs: number, nowMs: number): void {
    clearTimeout(this.#timer ?? undefined)
    this.#timerDueMs = dueMs
    this.#timer = setTimeout(() => this.#due(), Math.min(2 ** 31 - 1, Math.max(1, Math.ceil(dueMs - nowMs))))
    // What is waited for has a socket that keeps the program alive.
    this.#timer.unref()
  }

  #due(): void {
    this.#timer = null
    this.#timerDueMs = Infinity
    if (this.#sweepPending) return
    this.#sweepPending = true
    // After a turn of the loop: what has come while it stood still counts as come in time.
    setImmediate(() => {
      this.#sweepPending = false
      this.#sweep()
    })
  }

  #sweep(): void {
    const nowMs = performance.now()
    let earliestMs = Infinity
    for (const list of this.#lists.values()) {
      for (let first = list.first; first !== null && first.dueMs <= nowMs; first = list.first) {
        list.remove(first)
        first.expire()
      }
      if (list.first !== null) earliestMs = Math.min(earliestMs, list.first.dueMs)
    }
    if (earliestMs < this.#timerDueMs) this.#arm(earliestMs, nowMs)
  }
}

/** Deadlines with the same time-out, in the order in which they are due. */
export class DeadlineList {
  readonly timeoutMs: number
  first: Deadline | null = null
  #last: Deadline | null = null

  constructor(timeoutMs: number) {
    this.timeoutMs = timeoutMs
  }

  push(deadline: Deadline): void {
    deadline.list = this
    deadline.previous = this.#last
    deadline.next = null
    if (this.#last === null) this.first = deadline
    else this.#last.next = deadline
    this.#last = deadline
  }

  remove(deadline: Deadline): void {
    const { previous, next } = deadline
    if (previous === null) this.first = next
    else previous.next = next
    if (next === null) this.#last = previous
    else next.previous = previous
    deadline.list = null
    deadline.previous = null
    deadline.next = null
  }
}
