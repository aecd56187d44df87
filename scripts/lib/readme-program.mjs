// The program that a README shows first.

const languages = { ts: 'ts', typescript: 'ts', js: 'mjs', javascript: 'mjs', mjs: 'mjs' }

/**
 * The first program under the first heading with "hello" in it, or after a comment `<!-- hello-world -->`.
 *
 * @param {string} markdown
 * @returns {{ source: string, extension: 'ts' | 'mjs', line: number } | undefined} `line` of its first line
 */
export function findHelloProgram(markdown) {
  const lines = markdown.split(/\r?\n/)
  let wanted = false
  let fence = null
  for (const [index, line] of lines.entries()) {
    if (fence === null) {
      if (/^#+ .*\bhello\b/i.test(line) || /^<!--\s*hello-world\s*-->/.test(line)) wanted = true
      const [, marks, language] = /^(`{3,}|~{3,})\s*(\w*)/.exec(line) ?? []
      if (marks !== undefined)
        fence = { marks, extension: languages[language.toLowerCase()], start: index + 1 }
    } else if (line.startsWith(fence.marks)) {
      const { extension, start } = fence
      fence = null
      if (!wanted || extension === undefined) continue
      return { source: `${lines.slice(start, index).join('\n')}\n`, extension, line: start + 1 }
    }
  }
  return undefined
}
