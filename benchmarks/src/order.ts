/** What a program does with an order that came as JSON: a light check, and a sum. `null` for what is none. */
export function receiptOf(value: unknown): { id: string; items: number; total: number } | null {
  if (typeof value !== 'object' || value === null) return null
  const { id, items } = value as { id?: unknown; items?: unknown }
  if (typeof id !== 'string' || !Array.isArray(items)) return null
  let total = 0
  for (const item of items) {
    const { quantity, price } = (item ?? {}) as { quantity?: unknown; price?: unknown }
    if (typeof quantity !== 'number' || typeof price !== 'number') return null
    total += quantity * price
  }
  return { id, items: items.length, total }
}
