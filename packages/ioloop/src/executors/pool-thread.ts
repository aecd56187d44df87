/** An error on its way between threads, which keep neither class, name nor fields of one they clone. */
export interface PortableError {
  readonly name: string
  readonly message: string
  readonly stack: string | undefined
  readonly cause: Thrown | undefined
  readonly fields: Readonly<Record<string, unknown>>
}

/** What was thrown: an error, or anything else. */
export type Thrown = { readonly error: PortableError } | { readonly value: unknown }

/** What the thread is asked: to call a function of a module. */
export interface Call {
  readonly module: string
  readonly name: string
  readonly args: readonly unknown[]
}

/** What the thread answers to each call. */
export type Answer = { readonly result: unknown } | { readonly thrown: Thrown }

/**
 * The program of a pool's thread. It is kept as text, since a file beside this one would be
 * lost when the application is bundled.
 */
export const poolThread = `
const { parentPort } = process.getBuiltinModule('node:worker_threads')

function portable(thrown) {
  if (!(thrown instanceof Error)) return { value: thrown }
  const fields = {}
  for (const [key, value] of Object.entries(thrown)) {
    try {
      fields[key] = structuredClone(value)
    } catch {
      fields[key] = String(value)
    }
  }
  const { name, message, stack } = thrown
  delete fields.name
  const cause = thrown.cause === undefined ? undefined : portable(thrown.cause)
  return { error: { name, message, stack, cause, fields } }
}

async function answer({ module, name, args }) {
  try {
    const fn = (await import(module))[name]
    if (typeof fn !== 'function') throw new TypeError(module + ' exports no function ' + name)
    return { result: await fn(...args) }
  } catch (thrown) {
    return { thrown: portable(thrown) }
  }
}

parentPort.on('message', async (call) => {
  const reply = await answer(call)
  try {
    parentPort.postMessage(reply)
  } catch (error) {
    parentPort.postMessage({ thrown: portable(error) })
  }
})
`

const builtIn: Readonly<Record<string, ErrorConstructor>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
}

/** What the other thread threw, with name, stack, cause and fields. */
export function restoreThrown(thrown: Thrown): unknown {
  if ('value' in thrown) return thrown.value
  const { name, message, stack, cause, fields } = thrown.error
  const ErrorClass = (Object.hasOwn(builtIn, name) && builtIn[name]) || Error
  const error = new ErrorClass(message, cause === undefined ? undefined : { cause: restoreThrown(cause) })
  for (const [key, value] of Object.entries({ name, stack })) {
    Object.defineProperty(error, key, { value, configurable: true, writable: true })
  }
  return Object.assign(error, fields)
}
