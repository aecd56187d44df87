import { closeSync, fstatSync, openSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe } from './message.ts'
import { writeLine } from './stream-handler.ts'

const maxGatheredSize = 64 * 1024
const openFiles = new Set<LogFile>()

/** A file open for appending, which gathers text until the event loop's turn ends. */
export class LogFile {
  readonly path: string
  #descriptor: number | null = null
  #gathered = ''
  #size = 0
  #writtenSize = 0
  #scheduled: NodeJS.Immediate | null = null
  #failing = false

  constructor(path: string) {
    // The working directory may change later; rotation must find the same file.
    this.path = resolve(path)
    this.open()
  }

  /** Bytes in the file once all is written. */
  get size(): number {
    return this.#size
  }

  open(): void {
    if (this.#descriptor !== null) return
    this.#descriptor = openSync(this.path, 'a')
    this.#size = fstatSync(this.#descriptor).size
    this.#writtenSize = this.#size
    if (openFiles.size === 0) process.on('exit', flushAll)
    openFiles.add(this)
  }

  append(text: string, size: number): void {
    if (this.#descriptor === null) throw new Error(`Cannot append to ${this.path}, which is closed`)
    this.#gathered += text
    this.#size += size
    if (this.#size - this.#writtenSize >= maxGatheredSize) {
      this.flush()
    } else if (this.#scheduled === null) {
      this.#scheduled = setImmediate(() => this.flush())
      this.#scheduled.unref()
    }
  }

  flush(): void {
    if (this.#scheduled !== null) clearImmediate(this.#scheduled)
    this.#scheduled = null
    if (this.#descriptor === null || this.#gathered === '') return
    const text = this.#gathered
    this.#gathered = ''
    try {
      writeFileSync(this.#descriptor, text)
      this.#writtenSize = this.#size
      this.#failing = false
    } catch (error) {
      this.#size = this.#writtenSize
      if (!this.#failing) writeLine(process.stderr, `Cannot write log file ${this.path}: ${describe(error)}`)
      this.#failing = true
    }
  }

  close(): void {
    if (this.#descriptor === null) return
    this.flush()
    closeSync(this.#descriptor)
    this.#descriptor = null
    openFiles.delete(this)
    if (openFiles.size === 0) process.removeListener('exit', flushAll)
  }
}

function flushAll(): void {
  for (const file of openFiles) file.flush()
}
