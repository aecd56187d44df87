// A directory of files for one test, below a directory of its own that holds what must not be served.
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface FileTree extends AsyncDisposable {
  /** The directory to be served. */
  readonly root: string
  /** Its parent. */
  readonly outside: string
  /** Writes a file, by its path from the root, as last changed at `changedAt`. */
  write(path: string, content: string | Uint8Array, changedAt?: Date): Promise<string>
}

/** When files of a tree were changed, unless it is said otherwise. */
export const longAgo = new Date('2020-02-02T20:20:20.500Z')

export async function makeFileTree(
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Promise<FileTree> {
  const outside = await mkdtemp(join(tmpdir(), 'tornado-ts-static-'))
  const root = join(outside, 'static')
  await mkdir(root)
  const write = async (
    path: string,
    content: string | Uint8Array,
    changedAt: Date = longAgo,
  ): Promise<string> => {
    const file = join(root, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, content)
    await utimes(file, changedAt, changedAt)
    return file
  }
  for (const [path, content] of Object.entries(files)) await write(path, content)
  return {
    root,
    outside,
    write,
    [Symbol.asyncDispose]: () => rm(outside, { recursive: true, force: true }),
  }
}
