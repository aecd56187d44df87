import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { root } from '../../scripts/lib/workspace.mjs'
import { anchorOf, findLinks, joinChapters, readChapters, slugOf, splitLinks } from './chapters.mjs'
import { listEntries } from './entries.mjs'

const chapters = readChapters(join(root, 'docs', 'guide'))

test('the site has every entry of every public package', () => {
  const entries = listEntries()
  const folders = globSync('packages/*/package.json', { cwd: root })
  assert.equal(entries.filter(({ readme }) => readme !== undefined).length, folders.length)
  assert.deepEqual(
    entries.filter(({ file }) => !existsSync(file)),
    [],
  )
  const specifiers = new Set(entries.map(({ specifier }) => specifier))
  assert.equal(specifiers.size, entries.length)
  assert.ok(specifiers.has('@tornado-ts/ioloop/queues'))
})

test('no two chapters are at one address', () => {
  assert.ok(chapters.length > 10)
  assert.equal(new Set(chapters.map(({ file }) => slugOf(file))).size, chapters.length)
})

test('the links of the guide lead somewhere', () => {
  for (const { file, path, text } of chapters) {
    const broken = findLinks(text).filter(({ path: target, anchor }) => {
      const found = join(dirname(path), target)
      if (!existsSync(found)) return true
      if (anchor === '' || !found.endsWith('.md')) return false
      const headings = [...readFileSync(found, 'utf8').matchAll(/^#+ (.*)$/gm)].map((match) =>
        anchorOf(match[1]),
      )
      return !headings.includes(anchor)
    })
    assert.deepEqual(broken, [], file)
  }
})

test('splits a text at its links to files, code left out', () => {
  const text = 'a [b](../b#c) [d](https://d)\n\n```md\n[x](y)\n```\n[e](e.md)'
  const pieces = splitLinks(text)
  assert.equal(pieces.map((piece) => piece.text).join(''), text)
  assert.deepEqual(
    pieces.filter(({ path }) => path !== undefined),
    [
      { text: '../b#c', path: '../b', anchor: 'c' },
      { text: 'e.md', path: 'e.md', anchor: undefined },
    ],
  )
})

test('joins chapters: links among them stay, links to other files become text, code is as it was', () => {
  const code = '```md\n[x](02-b.md)\n```\n'
  const links = '[b](02-b.md) [part](02-b.md#part) [c](../c.md) [w](https://w.example)'
  const joined = joinChapters([
    {
      file: '01-a.md',
      title: 'First, one',
      text: `# First, one\n\n${links}\n\n${code}\nNext: [B](02-b.md)\n`,
    },
    { file: '02-b.md', title: 'The `B`', text: '# The `B`\n\n[back](01-a.md)\n\n## Part\n' },
  ])
  assert.equal(
    joined,
    `# First, one\n\n[b](#the-b) [part](#part) c [w](https://w.example)\n\n${code}\n\n\n# The \`B\`\n\n[back](#first-one)\n\n## Part\n`,
  )
})
