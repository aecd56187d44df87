// The package graph: which package may import which. Arrows point down only.
//
// A package may import what it points to, what those point to, and `log`; packages of level 0 import nothing.
// To add a package, add its row; a row's arrows go to lower levels.

/**
 * - `imports`: the arrows.
 * - `dependencies`: third-party packages it may depend on. Those on the path of a request have none.
 * - `optionalPeers`: third-party packages it works with when the user has installed them, loaded by `import()`.
 */
export const graph = {
  log: { level: 0, imports: [], optionalPeers: ['pino'] },
  escape: { level: 0, imports: [] },
  bytes: { level: 0, imports: [] },

  ioloop: { level: 1, imports: ['log'], optionalPeers: ['koffi'] },
  template: { level: 1, imports: ['escape'] },
  locale: { level: 1, imports: ['escape'] },
  options: { level: 1, imports: ['log'] },

  iostream: { level: 2, imports: ['ioloop', 'bytes'] },
  httputil: { level: 2, imports: ['escape'] },

  http1: { level: 3, imports: ['httputil', 'iostream', 'bytes'] },
  'wsgi-compat': { level: 3, imports: ['httputil', 'iostream'] },

  httpserver: { level: 4, imports: ['http1'] },
  httpclient: { level: 4, imports: ['http1'] },

  web: { level: 5, imports: ['httpserver', 'template', 'locale'] },
  testing: { level: 5, imports: ['httpserver', 'httpclient'] },
  'curl-client': { level: 5, imports: ['httpclient'], dependencies: ['koffi'] },

  websocket: { level: 6, imports: ['web', 'httpclient', 'http1'] },
  auth: { level: 6, imports: ['web', 'httpclient'], dependencies: ['jose'] },
}

/** Protocol cores do no I/O: these are all they may import beside themselves. */
export const protocolImports = ['bytes', 'httputil']

/** Everything `name` may import in its sources, by short name. */
export function allowedImports(name, table = graph) {
  const allowed = new Set(table[name].level === 0 ? [] : ['log'])
  const visit = (target) => {
    allowed.add(target)
    table[target].imports.forEach(visit)
  }
  table[name].imports.forEach(visit)
  return allowed
}

/** `testing` serves an app for one test, so only what stands above a server uses it: no cycle. */
export function mayUseTesting(name, table = graph) {
  return name !== 'testing' && (table[name].level >= 5 || name === 'wsgi-compat')
}
