// The chapters of the guide, in order, and how they are joined to one text.
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

/** @returns {{ file: string, path: string, title: string, text: string }[]} the table of contents first */
export function readChapters(folder) {
  return globSync('*.md', { cwd: folder })
    .toSorted((a, b) => Number(b === 'README.md') - Number(a === 'README.md') || (a < b ? -1 : 1))
    .map((file) => {
      const path = join(folder, file)
      const text = readFileSync(path, 'utf8')
      return { file, path, text, title: /^# (.*)$/m.exec(text)?.[1] ?? basename(file, '.md') }
    })
}

/** What a chapter is called in an address. */
export function slugOf(file) {
  return file === 'README.md' ? 'index' : basename(file, '.md').replace(/^\d+-/, '')
}

/** The links of a Markdown text to files of the repository, code left out. @returns {{ path: string, anchor: string }[]} */
export function findLinks(text) {
  return [...withoutCode(text).matchAll(link)]
    .map(([, , target]) => target)
    .filter((target) => !/^(?:[a-z]+:|#)/i.test(target))
    .map((target) => {
      const [path, anchor = ''] = target.split('#')
      return { path, anchor }
    })
}

/**
 * A Markdown text in pieces: the targets of its links to files of the repository, and what is around them.
 *
 * @returns {{ text: string, path?: string, anchor?: string }[]}
 */
export function splitLinks(text) {
  const pieces = []
  let at = 0
  mapOutsideCode(text, (prose, offset) => {
    for (const found of prose.matchAll(link)) {
      const target = found[2]
      if (/^(?:[a-z]+:|#)/i.test(target)) continue
      const [path, anchor] = target.split('#')
      const start = offset + found.index + found[0].length - target.length - 1
      pieces.push({ text: text.slice(at, start) }, { text: target, path, anchor })
      at = start + target.length
    }
    return prose
  })
  return [...pieces, { text: text.slice(at) }]
}

/** One text of all chapters: links among them become links within it, links to other files become text. */
export function joinChapters(chapters) {
  const anchors = new Map(chapters.map(({ file, title }) => [file, anchorOf(title)]))
  return chapters
    .map(({ text }) =>
      mapOutsideCode(text, (prose) =>
        prose.replace(link, (whole, words, target) => {
          if (/^(?:[a-z]+:|#)/i.test(target)) return whole
          const [path, anchor] = target.split('#')
          const chapter = anchors.get(path)
          return chapter === undefined ? words : `[${words}](#${anchor ?? chapter})`
        }),
      ).replace(/^(?:Next: .*|<!--.*-->)\n?/gm, ''),
    )
    .join('\n\n')
}

/** The address of a heading, as Git hosts make it. */
export function anchorOf(title) {
  return title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')
}

const link = /\[([^\]]*)\]\(([^)\s]+)\)/g
const code = /^(?:```|~~~)[^]*?^(?:```|~~~)$/gm

function withoutCode(text) {
  return text.replace(code, '')
}

function mapOutsideCode(text, change) {
  let result = ''
  let at = 0
  for (const { index, 0: block } of text.matchAll(code)) {
    result += change(text.slice(at, index), at) + block
    at = index + block.length
  }
  return result + change(text.slice(at), at)
}
