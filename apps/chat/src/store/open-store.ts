import { MemoryStore } from './memory-store.ts'
import type { MessageStore } from './message-store.ts'

/** The store in a file, or in memory without one. Ends the program with a line when the file cannot be used. */
export async function openStore(path: string | null): Promise<MessageStore> {
  if (path === null) return new MemoryStore()
  try {
    // Only those who ask for it load SQLite.
    const { SQLiteStore } = await import('./sqlite-store.ts')
    return new SQLiteStore(path)
  } catch (error) {
    console.error(`chat: Cannot use ${path} as the database: ${(error as Error).message}`)
    process.exit(1)
  }
}
