import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checks } from './guide/checks.ts'
import { GuideProgram, GuideRunner } from './guide/guide-program.ts'
import { readGuide, writePage } from './guide/guide-pages.ts'

const docs = join(import.meta.dirname, '..')
const guide = join(docs, 'guide')
const pages = readGuide(guide)
// Beside the package, so that the names of the others are found.
const folder = mkdtempSync(join(docs, 'guide-run-'))
for (const page of pages) {
  const pageFolder = join(folder, page.name)
  mkdirSync(pageFolder)
  writePage(page, pageFolder)
}

let runner: GuideRunner

beforeAll(() => {
  runner = new GuideRunner()
})

afterAll(async () => {
  await runner[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true })
})

describe('the guide', { timeout: 30_000 }, () => {
  it.each([...checks.keys()])('%s does what the page says', async (program) => {
    await expectProgram(program)
  })

  it('runs every whole program', () => {
    const programs = pages.flatMap(({ name, files }) => {
      return [...files.keys()].filter((file) => file.endsWith('.ts')).map((file) => `${name}/${file}`)
    })
    expect([...checks.keys()].toSorted()).toEqual(programs.toSorted())
  })

  it('has no type errors in programs and pieces', async () => {
    const config = {
      extends: '../../tsconfig.base.json',
      compilerOptions: {
        noEmit: true,
        isolatedDeclarations: false,
        declaration: false,
        noUnusedLocals: false,
        // What the first page tells readers to set, no less.
        allowImportingTsExtensions: true,
        rewriteRelativeImportExtensions: false,
      },
      include: ['.'],
    }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
    const tsc = join(docs, '..', 'node_modules', 'typescript', 'bin', 'tsc')
    const { stdout } = await promisify(execFile)(process.execPath, [tsc, '-p', folder]).catch(
      (error: { stdout: string }) => error,
    )
    expect(stdout).toBe('')
  })

  it('has no links into the void', () => {
    const readmes = ['docs/guide/README.md', 'README.md', 'README.zh-CN.md', 'CONTRIBUTING.md']
    const files = [...pages.map(({ name }) => `docs/guide/${name}.md`), ...readmes]
    expect(files.flatMap((file) => brokenLinks(join(docs, '..', file)))).toEqual([])
  })
})

/** Links of a page to files, and to headings in them, that are not there. */
function brokenLinks(file: string): string[] {
  const links = readFileSync(file, 'utf8').matchAll(/\]\((?!https?:)(?<path>[^)#]*)(?:#(?<anchor>[^)]*))?\)/g)
  return Array.from(links).flatMap(({ 0: link, groups = {} }) => {
    const { path, anchor } = groups
    const target = path === '' ? file : join(dirname(file), path!)
    const isThere = existsSync(target) && (anchor === undefined || anchorsOf(target).includes(anchor))
    return isThere ? [] : [`${file}: ${link}`]
  })
}

/** What the headings of a page are called in links, as GitHub has it. */
function anchorsOf(file: string): string[] {
  const headings = readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)
  return Array.from(headings, ([, text]) =>
    text!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** Runs a program of the guide, alone if it must be, and looks whether it does what its page says. */
async function expectProgram(program: string): Promise<void> {
  const { alone, check } = checks.get(program)!
  const file = join(folder, program)
  if (alone === undefined) {
    await runner.run(file, check)
    return
  }
  const running = GuideProgram.alone(file, alone)
  try {
    await check(running)
  } finally {
    running.child.kill('SIGKILL')
    await running.ended
  }
}
