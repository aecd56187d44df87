import { chmodSync, closeSync, openSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import type { Message } from '../rooms/message.ts'
import type { MessageStore } from './message-store.ts'

/** Keeps messages in a file of SQLite. */
export class SQLiteStore implements MessageStore {
  readonly isLasting = true
  readonly #database: DatabaseSync
  readonly #load: StatementSync
  readonly #add: StatementSync
  readonly #drop: StatementSync

  /** @throws {Error} When the file cannot be opened, or is no database. */
  constructor(path: string) {
    makePrivate(path)
    this.#database = new DatabaseSync(path)
    // A write-ahead log: what was added outlives a crash of the program, and nobody waits for the disk.
    this.#database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS messages (
        room TEXT NOT NULL, id INTEGER NOT NULL, nonce TEXT NOT NULL, person TEXT NOT NULL,
        name TEXT NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (room, id)
      ) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL);
    `)
    this.#load = this.#database.prepare(
      'SELECT id, nonce, person, name, text, at FROM messages WHERE room = ? ORDER BY id DESC LIMIT ?',
    )
    this.#add = this.#database.prepare('INSERT INTO messages VALUES (?, ?, ?, ?, ?, ?, ?)')
    this.#drop = this.#database.prepare('DELETE FROM messages WHERE room = ? AND id <= ?')
  }

  load(room: string, limit: number): Message[] {
    const rows = this.#load.all(room, limit) as unknown as Message[]
    return rows.map((row) => ({ ...row })).reverse()
  }

  add(room: string, { id, nonce, person, name, text, at }: Message): void {
    this.#add.run(room, id, nonce, person, name, text, at)
  }

  dropThrough(room: string, id: number): void {
    this.#drop.run(room, id)
  }

  secret(name: string, make: () => string): string {
    const row = this.#database.prepare('SELECT value FROM secrets WHERE name = ?').get(name)
    if (row !== undefined) return String(row['value'])
    const value = make()
    this.#database.prepare('INSERT INTO secrets VALUES (?, ?)').run(name, value)
    return value
  }

  close(): void {
    this.#database.close()
  }
}

/** The file holds the key of the cookies: nobody else may read it. */
function makePrivate(path: string): void {
  if (path === ':memory:') return
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
}
