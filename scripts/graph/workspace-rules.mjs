// What concerns the packages together: cycles between them, and how they are released.

/**
 * Cycles among the workspace's packages, development dependencies included.
 *
 * @param {{ manifest: object }[]} packages
 * @returns {string[]} one problem a cycle, `a → b → a`
 */
export function checkCycles(packages) {
  const byName = new Map(packages.map(({ manifest }) => [manifest.name, manifest]))
  const done = new Set()
  const problems = []
  const visit = (name, path) => {
    const start = path.indexOf(name)
    if (start >= 0) {
      problems.push(`packages depend on each other in a circle: ${[...path.slice(start), name].join(' → ')}`)
      return
    }
    if (done.has(name)) return
    for (const next of neighbours(byName.get(name))) if (byName.has(next)) visit(next, [...path, name])
    done.add(name)
  }
  for (const name of byName.keys()) visit(name, [])
  return problems
}

function neighbours({ dependencies, devDependencies, peerDependencies, optionalDependencies }) {
  return Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies, ...optionalDependencies })
}

/** Every package has a version of its own, whatever happens to the others. */
export function checkChangesetsConfig({ fixed = [], linked = [] }) {
  return Object.entries({ fixed, linked })
    .filter(([, groups]) => groups.length > 0)
    .map(([name]) => `.changeset/config.json  ${name} must stay empty: versions are independent`)
}

/**
 * A changeset names public packages of this workspace, and says something to their users.
 *
 * @param {string} path
 * @param {string} text
 * @param {Map<string, { isPublic: boolean, manifest: object }>} packages   by short name
 */
export function checkChangeset(path, text, packages) {
  const parts = /^---\n([\s\S]*?)\n?---\n([\s\S]*)$/.exec(text.replaceAll('\r\n', '\n'))
  if (parts === null) return [`${path}:1  is not a changeset: a block between --- lines, then the text`]
  const [, head, body] = parts
  const names = new Set([...packages.values()].filter((pkg) => pkg.isPublic).map((pkg) => pkg.manifest.name))
  const problems = []
  head.split('\n').forEach((line, index) => {
    if (line.trim() === '') return
    const bump = /^["']?([^"':]+)["']?:\s*["']?(\w+)["']?$/.exec(line.trim())
    const where = `${path}:${index + 2} `
    if (bump === null) problems.push(`${where} expected "package": major, minor or patch`)
    else if (!names.has(bump[1])) problems.push(`${where} ${bump[1]} is no public package of this workspace`)
    else if (!['major', 'minor', 'patch'].includes(bump[2]))
      problems.push(`${where} ${bump[2]} is no kind of release`)
  })
  if (head.trim() !== '' && body.trim() === '')
    problems.push(`${path}  says nothing to the users of the packages`)
  return problems
}
