import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { findDeadLinks } from './dead-links.mjs'

test('links lead to pages, files and places that there are', () => {
  const folder = mkdtempSync(join(tmpdir(), 'site-'))
  try {
    mkdirSync(join(folder, 'guide'))
    writeFileSync(join(folder, 'a&b.txt'), '')
    writeFileSync(
      join(folder, 'index.html'),
      '<h1 id="top"></h1><a href="guide/x.html#part"></a><a href="#top"></a><a href="a&amp;b.txt?v=1"></a><a href="https://h/none"></a>' +
        '<a href="guide"></a><a href="#none"></a><img src="none.png">',
    )
    writeFileSync(
      join(folder, 'guide', 'x.html'),
      '<h2 id="part"></h2><a href="../index.html#top"></a><a href="../index.html#part"></a><a href="../#top"></a><a href="../#none"></a>',
    )
    assert.deepEqual(findDeadLinks(folder).toSorted(), [
      `${join('guide', 'x.html')} → ../#none`,
      `${join('guide', 'x.html')} → ../index.html#part`,
      'index.html → #none',
      'index.html → guide',
      'index.html → none.png',
    ])
  } finally {
    rmSync(folder, { recursive: true })
  }
})
