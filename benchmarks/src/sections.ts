import { cases } from './cases.ts'
import type { Section } from './report/results-file.ts'

/** Memory of open WebSockets, from `websocket-memory.ts`. */
const memorySections: readonly Section[] = [
  { name: 'ws-memory', group: 'WebSocket' },
  { name: 'ws-memory-compressed', group: 'WebSocket' },
]

/** All parts of RESULTS.md, in order. */
export const sections: readonly Section[] = [
  { name: 'budgets', group: 'Budgets' },
  ...cases.flatMap((each): Section[] => (each.name === 'ws-deflate' ? [each, ...memorySections] : [each])),
  // People in the rooms of apps/chat, from `chat/main.ts`.
  { name: 'chat', group: 'Chat' },
]
