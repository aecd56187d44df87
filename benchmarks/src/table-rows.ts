/** A row of the table that template engines render. */
export interface TableRow {
  readonly id: number
  readonly name: string
  readonly email: string
  readonly company: string
  readonly note: string
}

/** The rows from 0 on: of the 5,000 cells of a thousand, 300 have something to escape. */
export function tableRows(count: number): TableRow[] {
  return Array.from({ length: count }, (_, id) => ({
    id,
    name: `Person ${id}`,
    email: `person${id}@example.com`,
    company: id % 10 === 0 ? 'Smith & Sons' : 'Example',
    note: id % 5 === 0 ? '<said "it\'s fine">' : '',
  }))
}

/** What a table of the rows should look like, made by hand. */
export function tableOf(rows: readonly TableRow[]): string {
  const lines = rows.map(({ id, name, email, company, note }) => {
    const cells = [String(id), name, email, escape(company), note === '' ? '-' : escape(note)]
    return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`
  })
  return `<table>${lines.join('')}</table>`
}

/** Engines write other references for the same characters; here they are written alike. */
export function withSameReferences(html: string): string {
  return html.replaceAll(/&#x27;|&apos;/g, '&#39;').replaceAll('&#34;', '&quot;')
}

function escape(text: string): string {
  const references: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  }
  return text.replaceAll(/[&<>"']/g, (character) => references[character] ?? '')
}
