import { chmodSync, closeSync, openSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { renderMarkdown } from '../markdown.ts'
import type { Author, AuthorWithPassword } from './author.ts'
import type { Draft, Entry } from './entry.ts'
import { slugOf, unusedSlug } from './slug.ts'

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA foreign_keys = ON;
  CREATE TABLE IF NOT EXISTS authors (
    id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE COLLATE NOCASE, name TEXT NOT NULL, password TEXT NOT NULL
  );
  CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY, author_id INTEGER NOT NULL REFERENCES authors (id), slug TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL, markdown TEXT NOT NULL, html TEXT NOT NULL,
    published_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
  );
  CREATE INDEX IF NOT EXISTS entries_by_time ON entries (published_at);
  CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL);
`

const selectEntries = `
  SELECT entries.id, author_id AS authorId, authors.name AS authorName, slug, title, markdown, html,
    published_at AS publishedAt, updated_at AS updatedAt
  FROM entries JOIN authors ON authors.id = author_id
`

/** Authors and entries in a file of SQLite. */
export class BlogStore {
  readonly #database: DatabaseSync

  /**
   * @param path The file, which is made if there is none; `:memory:` for none.
   * @throws {Error} When the file cannot be opened, or is no database.
   */
  constructor(path: string) {
    makePrivate(path)
    this.#database = new DatabaseSync(path)
    this.#database.exec(schema)
  }

  hasAuthors(): boolean {
    return this.#row('SELECT 1 FROM authors LIMIT 1') !== null
  }

  author(id: number): Author | null {
    return this.#row<Author>('SELECT id, email, name FROM authors WHERE id = ?', id)
  }

  authorByEmail(email: string): AuthorWithPassword | null {
    return this.#row('SELECT id, email, name, password FROM authors WHERE email = ?', email)
  }

  /** Adds an author; `null` when there is one with that address. */
  addAuthor({ email, name, password }: Omit<AuthorWithPassword, 'id'>): Author | null {
    const insert =
      'INSERT INTO authors (email, name, password) VALUES (?, ?, ?) ON CONFLICT DO NOTHING RETURNING id, email, name'
    return this.#row<Author>(insert, email, name, password)
  }

  /** The newest entries, the newest first. */
  newest(limit: number): Entry[] {
    return this.#rows<Entry>(`${selectEntries} ORDER BY published_at DESC, entries.id DESC LIMIT ?`, limit)
  }

  /** All entries, the newest first. */
  all(): Entry[] {
    return this.newest(-1)
  }

  entry(id: number): Entry | null {
    return this.#row(`${selectEntries} WHERE entries.id = ?`, id)
  }

  entryBySlug(slug: string): Entry | null {
    return this.#row(`${selectEntries} WHERE slug = ?`, slug)
  }

  addEntry(authorId: number, { title, markdown }: Draft, at: number = Date.now()): Entry {
    const slug = unusedSlug(slugOf(title), (taken) => this.entryBySlug(taken) !== null)
    const insert = `INSERT INTO entries (author_id, slug, title, markdown, html, published_at, updated_at)
      VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`
    const html = renderMarkdown(markdown)
    const row = this.#row<{ id: number }>(insert, authorId, slug, title, markdown, html, at, at)
    return this.entry(row!.id)!
  }

  /** Changes an entry; its slug stays, so that links to it hold. */
  changeEntry(id: number, { title, markdown }: Draft, at: number = Date.now()): void {
    this.#database
      .prepare('UPDATE entries SET title = ?, markdown = ?, html = ?, updated_at = ? WHERE id = ?')
      .run(title, markdown, renderMarkdown(markdown), at, id)
  }

  /** A secret that is made when it is first asked for, and kept. */
  secret(name: string, make: () => string): string {
    this.#database.prepare('INSERT INTO secrets VALUES (?, ?) ON CONFLICT DO NOTHING').run(name, make())
    return this.#row<{ value: string }>('SELECT value FROM secrets WHERE name = ?', name)!.value
  }

  close(): void {
    this.#database.close()
  }

  #row<Row>(sql: string, ...values: SQLInputValue[]): Row | null {
    return (this.#database.prepare(sql).get(...values) as Row | undefined) ?? null
  }

  #rows<Row>(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#database.prepare(sql).all(...values) as Row[]
  }
}

/** The file holds the key of the cookies: nobody else may read it. */
function makePrivate(path: string): void {
  if (path === ':memory:') return
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
}
