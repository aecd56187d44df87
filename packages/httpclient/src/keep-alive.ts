import type { HTTPHeaders } from '@tornado-ts/httputil'

let lastValue = ''
let lastMs: number | null = null

/**
 * How long the server keeps the connection, less a margin for a request to get there; 0 when this was its last;
 * `null` when it does not say.
 */
export function parseKeepAlive(headers: HTTPHeaders): number | null {
  const value = headers.get('Keep-Alive')
  if (value === undefined) return null
  // Servers say the same with each response.
  if (value === lastValue) return lastMs
  const timeout = /(?:^|[,;\s])timeout\s*=\s*"?([0-9]{1,9})/i.exec(value)
  const max = /(?:^|[,;\s])max\s*=\s*"?([0-9]{1,9})/i.exec(value)
  lastValue = value
  lastMs = timeout === null ? null : Math.max(0, Number(timeout[1]) * 1000 - marginMs)
  if (max !== null && Number(max[1]) === 0) lastMs = 0
  return lastMs
}

const marginMs = 1000
