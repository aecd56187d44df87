import { afterEach, expect, it } from 'vitest'
import { Configurable } from './configurable.ts'

class Store extends Configurable {
  static override configurableBase(): typeof Store {
    return Store
  }

  static override configurableDefault(): typeof Store {
    return MemoryStore
  }

  describe(): string {
    return 'a store of no kind'
  }
}

class MemoryStore extends Store {
  readonly #size: number

  constructor(options: { size?: number } = {}) {
    super(options)
    this.#size = options.size ?? 10
  }

  override describe(): string {
    return `memory of ${this.#size}`
  }
}

class DiskStore extends Store {
  static override configurableBase(): typeof DiskStore {
    return DiskStore
  }

  static override configurableDefault(): typeof DiskStore {
    return FileStore
  }
}

class FileStore extends DiskStore {
  readonly #path: string

  constructor(options: { path?: string } = {}) {
    super(options)
    this.#path = options.path ?? '/tmp'
  }

  override describe(): string {
    return `files in ${this.#path}`
  }
}

afterEach(() => {
  Store.configure(null)
  DiskStore.configure(null)
})

it('B-util-001 makes the default implementation, or the one configured', () => {
  expect(Store.configuredClass()).toBe(MemoryStore)
  expect(new Store()).toBeInstanceOf(MemoryStore)
  Store.configure(FileStore)
  expect(Store.configuredClass()).toBe(FileStore)
  expect(new Store().describe()).toBe('files in /tmp')
  Store.configure(null)
  expect(new Store().describe()).toBe('memory of 10')
})

it('B-util-001 gives configured options to what the base makes; explicit ones win', () => {
  Store.configure(MemoryStore, { size: 5 })
  expect(new Store().describe()).toBe('memory of 5')
  expect(new Store({ size: 6 }).describe()).toBe('memory of 6')
  Store.configure(null, { size: 7 })
  expect(new Store().describe()).toBe('memory of 7')
})

it('B-util-001 leaves alone a subclass that is made directly, and its options', () => {
  Store.configure(FileStore, { path: '/var' })
  expect(new MemoryStore().describe()).toBe('memory of 10')
  expect(new FileStore().describe()).toBe('files in /tmp')
})

it('B-util-001 refuses what is no subclass', () => {
  class Stranger extends Configurable {}
  expect(() => Store.configure(Stranger)).toThrow('Stranger is no subclass of Store')
  expect(() => DiskStore.configure(MemoryStore)).toThrow(TypeError)
  expect(() => new Stranger()).toThrow('Stranger does not say what its configurableBase is')
})

it('configures through a subclass, and through two levels', () => {
  MemoryStore.configure(DiskStore)
  expect(new Store().describe()).toBe('files in /tmp')
  DiskStore.configure(FileStore, { path: '/srv' })
  expect(new Store().describe()).toBe('files in /srv')
  expect(new DiskStore().describe()).toBe('files in /srv')
})
