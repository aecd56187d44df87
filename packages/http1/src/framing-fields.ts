import type { HTTPHeaders } from '@tornado-ts/httputil'

/** Those of the fields an application has set that framing depends on. */
export interface FramingFields {
  readonly length: string | undefined
  /** Whether there is a Transfer-Encoding. */
  readonly coded: boolean
  readonly connection: string | undefined
}

/** Finds them in one pass over the names. */
export function findFramingFields(headers: HTTPHeaders): FramingFields {
  const found: { -readonly [Name in keyof FramingFields]: FramingFields[Name] } = {
    length: undefined,
    coded: false,
    connection: undefined,
  }
  for (let i = 0; i < headers.lineCount; i++) {
    const name = headers.lineName(i)
    if (name.length === 14 && name === 'Content-Length')
      found.length = join(found.length, headers.lineValue(i))
    else if (name.length === 10 && name === 'Connection')
      found.connection = join(found.connection, headers.lineValue(i))
    else if (name.length === 17 && name === 'Transfer-Encoding') found.coded = true
  }
  return found
}

function join(values: string | undefined, value: string): string {
  return values === undefined ? value : `${values},${value}`
}

/** Whether a `Connection` field says that the connection is to end. */
export const closeOption: RegExp = /\bclose\b/i
