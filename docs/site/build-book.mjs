// The guide as a book: docs/dist/book/tornado-ts.epub, by pandoc, and tornado-ts.pdf, printed by chromium.
//   pnpm docs:book      needs pandoc and chromium, as Debian has them
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../../scripts/lib/workspace.mjs'
import { joinChapters, readChapters } from './chapters.mjs'

const run = promisify(execFile)
const out = join(root, 'docs', 'dist', 'book')
const css = join(root, 'docs', 'site', 'book.css')
const work = mkdtempSync(join(tmpdir(), 'book-'))
try {
  mkdirSync(out, { recursive: true })
  const source = join(work, 'guide.md')
  // The book has a table of contents of its own.
  const chapters = readChapters(join(root, 'docs', 'guide')).filter(({ file }) => file !== 'README.md')
  writeFileSync(source, joinChapters(chapters))
  const { version } = JSON.parse(readFileSync(join(root, 'packages', 'web', 'package.json'), 'utf8'))
  const edition = version === '0.0.0' ? '' : `, for version ${version} of @tornado-ts/web`
  const options = [
    '--from=gfm',
    '--standalone',
    '--toc',
    '--toc-depth=2',
    '--metadata=toc-title:Contents',
    '--metadata=title:tornado-ts',
    `--metadata=subtitle:The user guide${edition}`,
    '--metadata=lang:en',
  ]
  await pandoc(source, [...options, '--to=epub3', `--output=${join(out, 'tornado-ts.epub')}`])
  const page = join(work, 'guide.html')
  // pandoc's own style is for screens.
  await pandoc(source, [
    ...options,
    '--to=html5',
    '--metadata=document-css:false',
    '--self-contained',
    `--css=${css}`,
    `--output=${page}`,
  ])
  await print(page, join(out, 'tornado-ts.pdf'))
  console.log(`The book is in ${relative(process.cwd(), out)}`)
} finally {
  rmSync(work, { recursive: true })
}

async function pandoc(source, options) {
  await program('pandoc', [source, ...options])
}

/** Prints a page, with a profile that is thrown away. */
async function print(page, pdf) {
  const flags = [
    '--headless',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
    '--no-pdf-header-footer',
  ]
  // The sandbox refuses to run as root, as it is in containers; the page is our own.
  if (process.getuid?.() === 0) flags.push('--no-sandbox')
  await program('chromium', [
    ...flags,
    `--user-data-dir=${join(work, 'profile')}`,
    `--print-to-pdf=${pdf}`,
    page,
  ])
}

async function program(name, args) {
  try {
    await run(name, args, { cwd: work })
  } catch (error) {
    if (error.code === 'ENOENT')
      throw new Error(`${name} is needed: apt-get install ${name}`, { cause: error })
    throw error
  }
}
