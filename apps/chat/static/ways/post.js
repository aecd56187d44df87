/** Posts a form; `null` when there is no answer. */
export async function post({ xsrf }, path, fields, signal = AbortSignal.timeout(15_000)) {
  try {
    const headers = { 'X-XSRFToken': xsrf }
    return await fetch(path, { method: 'POST', headers, body: new URLSearchParams(fields), signal })
  } catch {
    return null
  }
}

/** Posts a message: what the server says to it, `unknown` when it does not know us, `null` when that cannot be told. */
export async function postMessage(link, { nonce, text }) {
  const response = await post(link, '/a/message/new', { room: link.room, nonce, body: text })
  if (response?.status === 403) return 'unknown'
  if (response === null || ![200, 400, 429].includes(response.status)) return null
  try {
    const answer = await response.json()
    return response.ok ? { accepted: answer } : answer
  } catch {
    return null
  }
}

/** What there is that the page has not seen, and who is here: `unknown` when the server does not know us, `null` when it does not answer. */
export async function askForNews(link) {
  const { room, cursor } = link
  const response = await post(link, '/a/message/updates', { room, cursor, people: 0 })
  if (response?.status === 403) return 'unknown'
  try {
    return response?.ok ? await response.json() : null
  } catch {
    return null
  }
}
