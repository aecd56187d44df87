import { writeSync } from 'node:fs'
import { relative } from 'node:path'
import { HelpRequested, OptionError } from './errors.ts'

/** What the help calls the program: its file, as seen from the working directory. */
export function programName(): string {
  const file = process.argv[1] ?? process.argv0
  const shorter = relative(process.cwd(), file)
  return shorter === '' || shorter.startsWith('..') ? file : shorter
}

/** Runs a parser. If the user was at fault, one line is written and the program ends with status 2; after a help, 0. */
export function orEndProcess<T>(program: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    if (error instanceof HelpRequested || isNamed(error, 'HelpRequested')) {
      write(process.stdout.fd, (error as HelpRequested).help)
      process.exit(0)
    }
    if (!(error instanceof OptionError || isNamed(error, 'OptionError'))) throw error
    write(
      process.stderr.fd,
      `${program}: ${(error as OptionError).message.replaceAll(/\s+/g, ' ')}; see --help\n`,
    )
    process.exit(2)
  }
}

/** Another installed copy of this package may have thrown it. */
function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name
}

/** The process ends right after, so nothing may be left for later. */
function write(descriptor: number, text: string): void {
  const bytes = Buffer.from(text)
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(descriptor, bytes, written)
    } catch (error) {
      // A pipe whose reader is slow; of one that is closed there is nobody to tell.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return
    }
  }
}
