import { createRequire, registerHooks } from 'node:module'
import { Session } from 'node:inspector'
import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type FileStamp, stampOf } from './file-watch.ts'

/** Is told of a module's file before it is read, so also of one that turns out not to be a program. */
export type OnModule = (path: string, stamp: FileStamp | undefined) => void

const packages = `${sep}node_modules${sep}`

/** The file of a module, by its URL or path; `null` for what is no file, and for installed packages unless wanted. */
export function moduleFile(url: string, nodeModules: boolean): string | null {
  if (!url.startsWith('file:')) return null
  const path = fileURLToPath(url)
  return !nodeModules && path.includes(packages) ? null : path
}

/** Calls back for every module that this thread loads from now on, ESM and CommonJS. */
export function followModules(onModule: OnModule, nodeModules: boolean): void {
  registerHooks({
    load(url, context, nextLoad) {
      const path = moduleFile(url, nodeModules)
      if (path !== null) onModule(path, stampOf(path) ?? undefined)
      return nextLoad(url, context)
    },
  })
}

/**
 * The files of all modules that are loaded already.
 *
 * Node keeps no list of ESM modules that a program can read; its debugger tells of every script when it is switched on,
 * which is for a moment and without a port.
 */
export function loadedModules(nodeModules: boolean): string[] {
  const urls = new Set<string>()
  const session = new Session()
  session.connect()
  session.on('Debugger.scriptParsed', ({ params }) => urls.add(params.url))
  session.post('Debugger.enable')
  session.post('Debugger.disable')
  session.disconnect()
  const files = new Set<string>()
  for (const url of urls) {
    const path = moduleFile(url, nodeModules)
    if (path !== null) files.add(path)
  }
  // Data that was required is no script.
  for (const path of Object.keys(createRequire(import.meta.url).cache)) {
    if (nodeModules || !path.includes(packages)) files.add(path)
  }
  return [...files]
}
