import { readFileSync, statSync } from 'node:fs'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Lines of a source file around the one that matters. */
export interface SourceExcerpt {
  /** Number of the first line, from 1. */
  readonly firstLine: number
  readonly lines: readonly string[]
}

/** A line of a stack. */
export interface ErrorFrame {
  /** As it stands in the stack, without `at`. */
  readonly text: string
  /** What was called; empty where that is not known. */
  readonly functionName: string
  /** The file, from the working directory if it lies in it; `null` where there is none. */
  readonly file: string | null
  readonly line: number
  /** Whether it is the program's, and not of Node or of a package. */
  readonly isOwn: boolean
  readonly source: SourceExcerpt | null
}

/** An error for people to read. */
export interface ErrorReport {
  readonly name: string
  readonly message: string
  /** The stack as text; the value as text where there is none. */
  readonly stack: string
  readonly frames: readonly ErrorFrame[]
  readonly cause: ErrorReport | null
}

/** Settings of {@link reportError}. */
export interface ReportOptions {
  /** Directory of the templates that frames name. @default none */
  templatePath?: string | null
}

const maxFrames = 50
const maxCauses = 5
const maxFileSize = 2 * 1024 * 1024
const maxLineLength = 300
const linesAround = 5

/** Takes an error apart and reads the source files that its stack names, where Node says they are. */
export function reportError(error: unknown, { templatePath = null }: ReportOptions = {}): ErrorReport {
  return describe(error, new SourceReader(templatePath), 0)
}

function describe(error: unknown, sources: SourceReader, depth: number): ErrorReport {
  if (!(error instanceof Error)) {
    const text = safeText(error)
    return { name: typeof error, message: text, stack: text, frames: [], cause: null }
  }
  const { name, message } = error
  const stack = safeText(error.stack ?? error)
  const hasCause = error.cause !== undefined && depth < maxCauses
  return {
    name: safeText(name),
    message: safeText(message),
    stack,
    frames: stackLines(stack, safeText(message))
      .slice(0, maxFrames)
      .map((line) => describeFrame(line, sources)),
    cause: hasCause ? describe(error.cause, sources, depth + 1) : null,
  }
}

function safeText(value: unknown): string {
  try {
    return String(value)
  } catch {
    return 'a value that has no text'
  }
}

/** The lines of calls. A message may hold lines that look like them: what stands in it does not count. */
function stackLines(stack: string, message: string): string[] {
  const at = message === '' ? -1 : stack.indexOf(message)
  const calls = at === -1 ? stack : stack.slice(at + message.length)
  return calls.split('\n').flatMap((line) => /^\s+at (.+)$/.exec(line)?.[1] ?? [])
}

/** `fn (place:1:2)`, `async fn (place:1:2)`, `place:1:2`, `async place:1:2`. */
const call = /^(?:(.*) \()?(?:async )?((?:file:\/\/|node:|\/|[A-Za-z]:[\\/]|\\\\).*?):(\d+)(?::\d+)?\)?$/
/** `template page.html:3 (via base.html:7)` */
const templateCall = /^template (.+?):(\d+)(?: \(via .*\))?$/

function describeFrame(text: string, sources: SourceReader): ErrorFrame {
  const inTemplate = templateCall.exec(text)
  if (inTemplate !== null) {
    const [, name = '', line = '0'] = inTemplate
    const source = sources.ofTemplate(name, Number(line))
    return { text, functionName: 'template', file: name, line: Number(line), isOwn: true, source }
  }
  const [, functionName = '', place = '', digits = '0'] = call.exec(text) ?? []
  if (place === '') return { text, functionName: text, file: null, line: 0, isOwn: false, source: null }
  const line = Number(digits)
  const path = pathOf(place)
  const isOwn = path !== null && !path.includes(`${sep}node_modules${sep}`)
  const file = path === null ? place : shortPath(path)
  return { text, functionName, file, line, isOwn, source: path === null ? null : sources.ofFile(path, line) }
}

function pathOf(place: string): string | null {
  if (place.startsWith('node:')) return null
  if (!place.startsWith('file:')) return place
  try {
    return fileURLToPath(place.replace(/[?#].*$/, ''))
  } catch {
    return null
  }
}

function shortPath(path: string): string {
  const short = relative(process.cwd(), path)
  return short.startsWith('..') || isAbsolute(short) ? path : short
}

/** Reads source files, each once. */
class SourceReader {
  readonly #templatePath: string | null
  readonly #files = new Map<string, readonly string[] | null>()

  constructor(templatePath: string | null) {
    this.#templatePath = templatePath === null ? null : resolve(templatePath)
  }

  ofFile(path: string, line: number): SourceExcerpt | null {
    return /\.[cm]?[jt]sx?$/.test(path) ? this.#excerpt(path, line) : null
  }

  ofTemplate(name: string, line: number): SourceExcerpt | null {
    if (this.#templatePath === null) return null
    const path = resolve(this.#templatePath, name)
    return path.startsWith(this.#templatePath + sep) ? this.#excerpt(path, line) : null
  }

  #excerpt(path: string, line: number): SourceExcerpt | null {
    let lines = this.#files.get(path)
    if (lines === undefined) {
      lines = readLines(path)
      this.#files.set(path, lines)
    }
    if (lines === null || line < 1 || line > lines.length) return null
    const firstLine = Math.max(1, line - linesAround)
    const shown = lines.slice(firstLine - 1, line + linesAround)
    return {
      firstLine,
      lines: shown.map((each) => (each.length > maxLineLength ? `${each.slice(0, maxLineLength)}…` : each)),
    }
  }
}

function readLines(path: string): string[] | null {
  try {
    const stats = statSync(path)
    if (!stats.isFile() || stats.size > maxFileSize) return null
    return readFileSync(path, 'utf8').split(/\r\n|\n/)
  } catch {
    return null
  }
}
