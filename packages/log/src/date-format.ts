const pad = (value: number, size = 2): string => String(value).padStart(size, '0')

const fields: Readonly<Record<string, (date: Date) => string>> = {
  y: (date) => pad(date.getFullYear() % 100),
  Y: (date) => String(date.getFullYear()),
  m: (date) => pad(date.getMonth() + 1),
  d: (date) => pad(date.getDate()),
  H: (date) => pad(date.getHours()),
  M: (date) => pad(date.getMinutes()),
  S: (date) => pad(date.getSeconds()),
  z: (date) => {
    const minutes = -date.getTimezoneOffset()
    const size = Math.abs(minutes)
    return `${minutes < 0 ? '-' : '+'}${pad(Math.trunc(size / 60))}${pad(size % 60)}`
  },
  '%': () => '%',
}

/**
 * A function that writes a date, in local time, as `strftime` does with this format.
 *
 * @param format May hold `%y %Y %m %d %H %M %S %z %%`.
 * @throws {RangeError} For any other field.
 */
export function compileDateFormat(format: string): (date: Date) => string {
  const parts = format.split(/%(.?)/s).map((text, index) => {
    if (index % 2 === 0) return () => text
    const field = Object.hasOwn(fields, text) ? fields[text] : undefined
    if (field === undefined)
      throw new RangeError(`Unknown field %${text} in date format ${JSON.stringify(format)}`)
    return field
  })
  return (date) => parts.map((part) => part(date)).join('')
}
