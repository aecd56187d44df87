import { posix } from 'node:path'

/** Whether a name is told from the place of the template that names it. */
export function isRelative(name: string, parentPath: string | undefined): parentPath is string {
  if (parentPath === undefined || parentPath === '') return false
  return !parentPath.startsWith('<') && !parentPath.startsWith('/') && !name.startsWith('/')
}

/** A name told from the place of another template, with slashes whatever the system has. */
export function resolveRelative(name: string, parentPath: string): string {
  return posix.normalize(posix.join(posix.dirname(parentPath), name))
}
