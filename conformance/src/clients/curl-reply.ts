/** A case of curl's test data. */
export interface CurlReply {
  readonly id: string
  readonly name: string
  readonly errorcode: number
  readonly reply_base64: string
}

/**
 * The bytes that curl's test server sends for a case: its macros replaced, and the line ends of a head that has none with
 * CR made such (curl's files say so with an attribute that the data has lost).
 */
export function curlReplyBytes({ id, reply_base64 }: CurlReply): Buffer {
  const text = Buffer.from(reply_base64, 'base64')
    .toString('latin1')
    .replaceAll('%CR', '\r')
    .replaceAll('%TAB', '\t')
    .replaceAll('%SP', ' ')
    .replaceAll('%TESTNUMBER', id.slice('test'.length))
    .replaceAll(/%([0-9A-F]{2})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)))
  return Buffer.from(withLineEnds(text), 'latin1')
}

/** Heads alone: of one response after another as long as they are informational. */
function withLineEnds(text: string): string {
  const end = text.indexOf('\n\n')
  const head = end === -1 ? text : text.slice(0, end + 2)
  if (head.slice(0, head.indexOf('\n')).endsWith('\r')) return text
  const converted = head.replaceAll(/\r?\n/g, '\r\n')
  const rest = end === -1 ? '' : text.slice(end + 2)
  return converted + (/^HTTP\/1\.[0-9] 1/.test(head) ? withLineEnds(rest) : rest)
}
