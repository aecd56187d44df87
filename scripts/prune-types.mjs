// Takes out of a package's `dist` the declarations that no entry of it leads to, which describe what nobody can import, and joins the rest.
//   node ../../scripts/prune-types.mjs      in a package's folder, as the last step of its build
import { existsSync, globSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { joinDeclarations } from './lib/join-declarations.mjs'
import { readJson } from './lib/workspace.mjs'

const { exports } = readJson('package.json')
const entries = Object.values(exports).flatMap((target) => target.types ?? [])
const missing = entries.filter((entry) => !existsSync(entry))
if (missing.length > 0) throw new Error(`The build has made no ${missing.join(', ')}`)

const dist = join(process.cwd(), 'dist')
const texts = joinDeclarations(entries.map((entry) => resolve(entry)))
for (const path of globSync('**/*.d.ts', { cwd: dist })) rmSync(join(dist, path))
for (const [path, text] of texts) writeFileSync(path, text)
