import type { SimpleExchange } from './simple-exchange.ts'

/** All fetches of a client that are not over. A list by links: a `Set` would cost each of them more than all else in here. */
export class TaskRegister {
  #youngest: SimpleExchange | null = null

  add(task: SimpleExchange): void {
    const elder = this.#youngest
    task.elder = elder
    if (elder !== null) elder.younger = task
    this.#youngest = task
  }

  remove(task: SimpleExchange): void {
    const { elder, younger } = task
    if (elder !== null) elder.younger = younger
    if (younger === null) this.#youngest = elder
    else younger.elder = elder
    task.elder = null
    task.younger = null
  }

  /** Fails those that are there now. */
  failAll(error: () => Error): void {
    const tasks: SimpleExchange[] = []
    for (let task = this.#youngest; task !== null; task = task.elder) tasks.push(task)
    for (const task of tasks) task.fail(error())
  }
}
