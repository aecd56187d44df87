import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** One page of the guide, and the code in it. */
export interface GuidePage {
  /** Without its ending: `02-hello-world`. */
  readonly name: string
  readonly text: string
  /** Whole programs and the files they use, by the path that their first line names. */
  readonly files: ReadonlyMap<string, string>
  /** Pieces of programs, each with what an HTML comment above it declares. */
  readonly fragments: readonly string[]
}

const fence =
  /(?:<!-- (?<kind>file|with)[:\n] *(?<note>[^]*?)\s*-->\n+)?```(?<language>\w+)\n(?<code>[^]*?)```/g
const nameLine = /^(?:\/\/|\{#|\/\*|#) (?<name>[\w./-]+\.\w+)(?: #\}| \*\/)?\n/

/** The numbered pages of the guide, in order. */
export function readGuide(folder: string): GuidePage[] {
  const names = readdirSync(folder).filter((name) => /^\d\d-.*\.md$/.test(name))
  return names.toSorted().map((name) => toPage(name, readFileSync(join(folder, name), 'utf8')))
}

function toPage(fileName: string, text: string): GuidePage {
  const files = new Map<string, string>()
  const fragments: string[] = []
  for (const { groups = {} } of text.matchAll(fence)) {
    const { kind, note = '', language, code = '' } = groups
    const name = kind === 'file' ? note : nameLine.exec(code)?.groups?.['name']
    if (name !== undefined) {
      if (files.has(name)) throw new Error(`${fileName} has two files called ${name}`)
      files.set(name, code)
    } else if (language === 'ts') {
      fragments.push(`${kind === 'with' ? `${note}\n` : ''}${code}\nexport {}\n`)
    }
  }
  return { name: fileName.slice(0, -'.md'.length), text, files, fragments }
}

/** Writes the files of a page, and its fragments as `fragment-1.ts` and so on, into a folder. */
export function writePage({ files, fragments }: GuidePage, folder: string): void {
  for (const [name, code] of files) {
    const path = join(folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, code)
  }
  for (const [index, code] of fragments.entries())
    writeFileSync(join(folder, `fragment-${index + 1}.ts`), code)
}
