import { addReloadHook, watch } from '@tornado-ts/ioloop/autoreload'

/** What has to end before the program is started again. */
export interface ReloadedOwner {
  endBeforeReload(): Promise<void>
}

/** Has `owner` told before `autoreload` starts the program again, until {@link forgetReload}. */
export function endBeforeReload(owner: ReloadedOwner): void {
  if (state.owners === null) {
    const owners = (state.owners = new Set())
    addReloadHook(async () => {
      await Promise.all(Array.from(owners, (each) => each.endBeforeReload()))
    })
  }
  state.owners.add(owner)
}

export function forgetReload(owner: ReloadedOwner): void {
  state.owners?.delete(owner)
}

/** Has `autoreload` start the program again when one of these files of Python changes. */
export function watchSources(files: readonly string[]): void {
  for (const file of files) watch(file)
}

const state: { owners: Set<ReloadedOwner> | null } = { owners: null }
