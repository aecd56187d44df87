import type { MessageTemplate } from './merge-messages.ts'

const header = [
  '# Messages to be translated, collected by tornado-locale.',
  '#',
  '#, fuzzy',
  'msgid ""',
  'msgstr ""',
  String.raw`"MIME-Version: 1.0\n"`,
  String.raw`"Content-Type: text/plain; charset=UTF-8\n"`,
  String.raw`"Content-Transfer-Encoding: 8bit\n"`,
  String.raw`"Plural-Forms: nplurals=INTEGER; plural=EXPRESSION;\n"`,
].join('\n')

const placeholder = /%\([^()]+\)[-0]*\d*(?:\.\d+)?[sdif]/

/**
 * A template for translators, as `msginit`, `msgmerge` and the editors of `.po` files read it. The same messages give
 * the same text: no time stands in it.
 *
 * GNU gettext manual, "The Format of PO Files".
 */
export function writePot(messages: readonly MessageTemplate[]): string {
  return [header, ...messages.map(writeEntry)].join('\n\n') + '\n'
}

function writeEntry({ message, plural, context, comments, places }: MessageTemplate): string {
  const lines = [
    ...comments.flatMap((comment) => comment.split('\n')).map((line) => `#. ${line}`),
    ...places.map(({ file, line }) => `#: ${writePlace(file)}:${line}`),
  ]
  // msgfmt --check then holds translations to the placeholders of the message.
  if (placeholder.test(message) || placeholder.test(plural ?? '')) lines.push('#, python-format')
  if (context !== null) lines.push(`msgctxt ${quote(context)}`)
  lines.push(`msgid ${quote(message)}`)
  if (plural === null) lines.push('msgstr ""')
  else lines.push(`msgid_plural ${quote(plural)}`, 'msgstr[0] ""', 'msgstr[1] ""')
  return lines.join('\n')
}

/** A name with spaces stands between the marks that Unicode has for isolating text. */
function writePlace(file: string): string {
  return /\s/.test(file) ? `\u2068${file}\u2069` : file
}

const special = /["\\\n\r\t]|[^\P{Cc}\n\r\t]/gu
const escapes: Readonly<Record<string, string>> = { '\n': 'n', '\r': 'r', '\t': 't' }

/** Each line of a text of several lines is a string of its own. */
function quote(text: string): string {
  const strings = text.split(/(?<=\n)/).map((line) => `"${line.replaceAll(special, escapeCharacter)}"`)
  return strings.length === 1 ? strings.join('') : ['""', ...strings].join('\n')
}

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0)
  if (character === '"' || character === '\\') return `\\${character}`
  return `\\${escapes[character] ?? code.toString(8).padStart(3, '0')}`
}
