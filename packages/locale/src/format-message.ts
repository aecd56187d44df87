/** What stands for the placeholders of a message: by name, or in their order. */
export type MessageValues = Readonly<Record<string, unknown>> | readonly unknown[]

const placeholder = /%(?:%|(?:\(([^()]*)\))?([-0]*)(\d{0,3})(?:\.(\d{1,2}))?([sdif]))/g

/**
 * A message with its placeholders filled in: `%(name)s`, `%(count)d`, `%(price).2f` by name, or `%s`, `%d` in their
 * order if `values` is a list. `%%` is a percent sign. Widths (`%5s`, `%-5s`, `%05d`) are heeded.
 *
 * A placeholder for which there is no value is left as it is: a slip of a translator should not take a page down.
 *
 * Counterpart of Python's `message % values`, which is what placeholders in Tornado's translations are made for.
 */
export function formatMessage(message: string, values: MessageValues): string {
  if (!message.includes('%')) return message
  let position = 0
  return message.replace(
    placeholder,
    (
      whole,
      name: string | undefined,
      flags: string,
      width: string,
      precision: string | undefined,
      type: string,
    ) => {
      if (whole === '%%') return '%'
      let value: unknown
      if (name === undefined) {
        if (!isList(values) || position >= values.length) return whole
        value = values[position++]
      } else {
        if (isList(values) || !Object.hasOwn(values, name)) return whole
        value = values[name]
      }
      return pad(convert(value, type, precision), flags, Number(width), type)
    },
  )
}

function isList(values: MessageValues): values is readonly unknown[] {
  return Array.isArray(values)
}

function convert(value: unknown, type: string, precision: string | undefined): string {
  if (type === 's') return precision === undefined ? String(value) : String(value).slice(0, Number(precision))
  if (typeof value === 'bigint') return String(value)
  const number = Number(value)
  if (!Number.isFinite(number)) return String(value)
  return type === 'f' ? number.toFixed(Number(precision ?? 6)) : String(Math.trunc(number))
}

function pad(text: string, flags: string, width: number, type: string): string {
  if (text.length >= width) return text
  if (flags.includes('-')) return text.padEnd(width)
  if (type === 's' || !flags.includes('0')) return text.padStart(width)
  return text.startsWith('-') ? `-${text.slice(1).padStart(width - 1, '0')}` : text.padStart(width, '0')
}
