/** A line of a template. */
export interface Line {
  readonly filename: string
  /** Counted from 1. */
  readonly lineno: number
}

/** A place in the code of a template. */
export interface TemplatePosition extends Line {
  /** The directives that led here from other files, innermost first. */
  readonly via: readonly Line[]
}

/** `page.html:3 (via base.html:7)` */
export function describePosition({ filename, lineno, via }: TemplatePosition): string {
  const place = `${filename}:${lineno}`
  if (via.length === 0) return place
  return `${place} (via ${via.map((line) => `${line.filename}:${line.lineno}`).join(', ')})`
}
