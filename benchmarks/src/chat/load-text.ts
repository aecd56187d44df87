/** A message of the load, among what a server tells. */
export interface LoadMessage {
  readonly id: number
  readonly sentAtUs: number
}

/** Finds the load's own messages in JSON, without parsing all of it: the driver must cost less than the server. */
export function findLoadMessages(json: string): LoadMessage[] {
  const found: LoadMessage[] = []
  for (let at = json.indexOf('"load '); at >= 0; at = json.indexOf('"load ', at + 6)) {
    const id = json.lastIndexOf('"id":', at) + 5
    found.push({
      id: Number.parseInt(json.slice(id, id + 18), 10),
      sentAtUs: Number.parseInt(json.slice(at + 6, at + 26), 10),
    })
  }
  return found
}

/** The last message and the version of who is here that JSON tells. */
export function cursorsOf(json: string): { readonly cursor: number | null; readonly people: number | null } {
  const last = json.lastIndexOf('{"id":')
  // People have ids as well, but those are no numbers.
  const cursor = last < 0 ? Number.NaN : Number.parseInt(json.slice(last + 6, last + 24), 10)
  const people = /"people":\{"version":(\d+)/.exec(json)?.[1]
  return {
    cursor: Number.isNaN(cursor) ? lastMessageId(json) : cursor,
    people: people === undefined ? null : Number(people),
  }
}

function lastMessageId(json: string): number | null {
  let last: number | null = null
  for (const [, id] of json.matchAll(/\{"id": ?(\d+)/g)) last = Number(id)
  return last
}
