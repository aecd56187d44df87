/** How a class answers for the attributes that it does not have. */
export interface AttributeHooks<T extends object> {
  has(owner: T, name: string): boolean
  /** May throw for an unknown name. */
  get(owner: T, name: string): unknown
  /** May throw for an unknown name. */
  set(owner: T, name: string, value: unknown): void
}

/**
 * A prototype to stand at the end of a class's chain. Attributes that neither the object nor its class has are asked of
 * the hooks, so the object itself stays an ordinary one, with private fields, and its methods cost what they cost.
 */
export function attributePrototype<T extends object>(
  isOwner: (value: unknown) => value is T,
  hooks: AttributeHooks<T>,
): object {
  const inherited = (name: string | symbol): name is symbol => {
    // `then` is asked by `await` of whatever it is given.
    return typeof name === 'symbol' || name === 'then' || Object.hasOwn(Object.prototype, name)
  }
  return new Proxy(Object.create(Object.prototype), {
    get(target, name, receiver: unknown) {
      if (!isOwner(receiver)) return Reflect.get(target, name, receiver)
      if (inherited(name) && !(typeof name === 'string' && hooks.has(receiver, name))) {
        return Reflect.get(target, name, receiver)
      }
      return hooks.get(receiver, name)
    },
    set(target, name, value: unknown, receiver: unknown) {
      if (typeof name === 'symbol' || !isOwner(receiver)) return Reflect.set(target, name, value, receiver)
      hooks.set(receiver, name, value)
      return true
    },
  })
}
