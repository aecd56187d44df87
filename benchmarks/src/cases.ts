import { flaskCase } from './cases/flask.ts'
import { fetchCase } from './cases/client.ts'
import { form } from './cases/form.ts'
import { gzipJson } from './cases/gzip.ts'
import { helloHeaders } from './cases/hello-headers.ts'
import { helloPipelined } from './cases/hello-pipelined.ts'
import { helloPlain } from './cases/hello-plain.ts'
import { jsonInOut, signedCookie } from './cases/input.ts'
import { json } from './cases/json.ts'
import { routesCase } from './cases/routes.ts'
import { static10m, static1k } from './cases/static.ts'
import { templateCompile, templateTable } from './cases/template.ts'
import { download, upload } from './cases/transfer.ts'
import { echoLines, echoStream } from './cases/echo.ts'
import { wsBroadcast, wsDeflate, wsEcho, wsFrames } from './cases/websocket.ts'
import type { LoadCase } from './load-case.ts'

/** All cases, in the order of the report; those of one group stand together. */
export const cases: readonly LoadCase[] = [
  helloPlain,
  helloHeaders,
  helloPipelined,
  json,
  form,
  jsonInOut,
  signedCookie,
  gzipJson,
  routesCase(10),
  routesCase(1000),
  static1k,
  static10m,
  upload,
  download,
  echoLines,
  echoStream,
  wsEcho,
  wsFrames,
  wsBroadcast,
  wsDeflate,
  fetchCase(1),
  fetchCase(50),
  fetchCase(64),
  fetchCase(512),
  templateTable,
  templateCompile,
  flaskCase(1),
  flaskCase(2),
]

/**
 * The cases of these names, or all without a name. A name also stands for every case that begins with it
 * and a dash: `hello` for `hello-plain`, `hello-headers` …
 * @throws {Error} On a name of no case.
 */
export function selectCases(names: readonly string[]): LoadCase[] {
  const unknown = names.find((name) => !cases.some((each) => matches(name, each)))
  if (unknown !== undefined) {
    throw new Error(`No case is called ${unknown}; there are ${cases.map(({ name }) => name).join(', ')}`)
  }
  return cases.filter((each) => names.length === 0 || names.some((name) => matches(name, each)))
}

function matches(name: string, { name: known }: LoadCase): boolean {
  return known === name || known.startsWith(`${name}-`)
}
