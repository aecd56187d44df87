// How changesets write changelogs: each changeset as it is, and in one line which packages of the workspace come with it.

/** @param {{ summary: string }} changeset */
export function getReleaseLine({ summary }) {
  const [first, ...rest] = summary.trim().split('\n')
  return [`- ${first}`, ...rest.map((line) => (line.trim() === '' ? '' : `  ${line.trimEnd()}`))].join('\n')
}

/** @param {{ name: string, newVersion: string }[]} updated the packages of the workspace that it needs and that are released with it */
export function getDependencyReleaseLine(_changesets, updated) {
  if (updated.length === 0) return ''
  const names = updated.map(({ name, newVersion }) => `${name} ${newVersion}`).toSorted()
  return `- Needs ${names.join(', ')}.`
}

// The form in which changesets look for it.
const changelog = { getReleaseLine, getDependencyReleaseLine }
export { changelog as default }
