import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { anchorOf, findLinks, joinChapters, readChapters, slugOf } from '../site/chapters.mjs'
import { listEntries } from '../site/entries.mjs'

const docs = fileURLToPath(new URL('..', import.meta.url))
const root = dirname(docs.replace(/\/$/, ''))
const chapters = readChapters(join(docs, 'guide'))

describe('the site', () => {
  it('has every entry of every public package', () => {
    const entries = listEntries()
    const folders = globSync('packages/*/package.json', { cwd: root })
    expect(entries.filter(({ readme }) => readme !== undefined)).toHaveLength(folders.length)
    expect(
      entries.filter(
        ({ file, readme }) => !existsSync(file) || (readme !== undefined && !existsSync(readme)),
      ),
    ).toEqual([])
    expect(new Set(entries.map(({ specifier }) => specifier)).size).toBe(entries.length)
    expect(entries.map(({ specifier }) => specifier)).toContain('@tornado-ts/ioloop/queues')
  })

  it('has no two chapters at one address', () => {
    expect(chapters.length).toBeGreaterThan(10)
    expect(new Set(chapters.map(({ file }) => slugOf(file))).size).toBe(chapters.length)
  })

  it.each(chapters.map(({ file, path, text }) => [file, path, text] as const))(
    'the links of %s lead somewhere',
    (_file, path, text) => {
      const broken = findLinks(text).filter(({ path: target, anchor }) => {
        const file = join(dirname(path), target)
        if (!existsSync(file)) return true
        if (anchor === '' || !file.endsWith('.md')) return false
        const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.*)$/gm)].map((match) =>
          anchorOf(match[1]!),
        )
        return !headings.includes(anchor)
      })
      expect(broken).toEqual([])
    },
  )
})

describe('the book', () => {
  it('joins chapters: links among them stay, links to other files become text, code is as it was', () => {
    const code = '```md\n[x](02-b.md)\n```\n'
    const joined = joinChapters([
      {
        file: '01-a.md',
        path: '',
        title: 'First, one',
        text: `# First, one\n\n[b](02-b.md) [part](02-b.md#part) [c](../c.md) [w](https://w.example)\n\n${code}\nNext: [B](02-b.md)\n`,
      },
      { file: '02-b.md', path: '', title: 'The `B`', text: '# The `B`\n\n[back](01-a.md)\n\n## Part\n' },
    ])
    expect(joined).toBe(
      `# First, one\n\n[b](#the-b) [part](#part) c [w](https://w.example)\n\n${code}\n\n\n# The \`B\`\n\n[back](#first-one)\n\n## Part\n`,
    )
  })
})
