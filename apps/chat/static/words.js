/** A text with values in place of its `%(name)s`. */
export function say(text, values) {
  return text.replaceAll(/%\((\w+)\)s/g, (_, name) => String(values[name] ?? ''))
}
