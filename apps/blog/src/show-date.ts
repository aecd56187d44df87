const format = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' })

/** A time in ms as a day for readers: `November 5, 2026`. */
export function showDate(at: number): string {
  return format.format(at)
}
