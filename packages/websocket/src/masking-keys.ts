import { randomFillSync } from 'node:crypto'

const pool = new Int32Array(2048)
let next = pool.length

/** Four random bytes that nobody can foresee (RFC 6455 §10.3). They are made many at a time. */
export function nextMaskingKey(): number {
  if (next === pool.length) {
    randomFillSync(pool)
    next = 0
  }
  return pool[next++]!
}
