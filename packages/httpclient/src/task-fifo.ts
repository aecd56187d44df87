/** Something that can wait in one {@link TaskFifo} at a time. */
export interface Queued {
  fifo: TaskFifo<Queued> | null
  before: Queued | null
  behind: Queued | null
}

/** First in, first out; any can leave at any time, at no cost to the others. */
export class TaskFifo<T extends Queued> {
  #first: T | null = null
  #last: T | null = null
  size = 0

  push(task: T): void {
    task.fifo = this as unknown as TaskFifo<Queued>
    task.before = this.#last
    task.behind = null
    if (this.#last === null) this.#first = task
    else this.#last.behind = task
    this.#last = task
    this.size++
  }

  shift(): T | null {
    const first = this.#first
    if (first !== null) this.remove(first)
    return first
  }

  remove(task: T): void {
    const before = task.before as T | null
    const behind = task.behind as T | null
    if (before === null) this.#first = behind
    else before.behind = behind
    if (behind === null) this.#last = before
    else behind.before = before
    task.fifo = null
    task.before = null
    task.behind = null
    this.size--
  }
}
