/** Whether a value is to be waited for. */
export function isPromise<Value>(value: Value | Promise<Value>): value is Promise<Value> {
  return typeof (value as Promise<Value> | null | undefined)?.then === 'function'
}
