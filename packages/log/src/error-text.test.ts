import { runInNewContext } from 'node:vm'
import { expect, it } from 'vitest'
import { errorText } from './error-text.ts'

function withStack(message: string, options?: ErrorOptions): Error {
  const error = new Error(message, options)
  error.stack = `Error: ${message}\n    at here`
  return error
}

it('shows the stack, the causes and the parts, and no other properties', () => {
  const cause = Object.assign(withStack('refused'), { headers: { authorization: 'secret' } })
  const error = withStack('fetch failed', { cause })
  expect(errorText(error)).toBe('Error: fetch failed\n    at here\nCaused by: Error: refused\n    at here')
  const many = new AggregateError([withStack('one'), 'two'], 'all failed')
  many.stack = 'AggregateError: all failed'
  expect(errorText(many)).toBe(
    "AggregateError: all failed\nTogether with: Error: one\n    at here\nTogether with: 'two'",
  )
})

it('ends where causes go round, or have no end', () => {
  const error = withStack('round')
  error.cause = error
  expect(errorText(error)).toBe('Error: round\n    at here\nCaused by: [circular]')
  let long = withStack('0')
  for (let number = 1; number < 100_000; number++) long = withStack(String(number), { cause: long })
  const text = errorText(long)
  expect(text.match(/Caused by/g)).toHaveLength(19)
  expect(text.endsWith('[more errors left out]')).toBe(true)
  const wide = new AggregateError(Array.from({ length: 10_000 }, (_, index) => withStack(String(index))))
  expect(errorText(wide).split('\n').length).toBeLessThan(100)
})

it.each([
  ['text', "'text'"],
  [undefined, 'undefined'],
  [{ a: 1 }, '{ a: 1 }'],
  [Object.create(null), '[Object: null prototype] {}'],
])('describes %j, thrown though no error', (thrown, expected) => {
  expect(errorText(thrown)).toBe(expected)
})

it('takes errors without a stack, of another realm, and hostile ones', () => {
  const bare = new TypeError('bare')
  delete bare.stack
  expect(errorText(bare)).toBe('TypeError: bare')
  expect(errorText(runInNewContext('new RangeError("far")'))).toMatch(/^RangeError: far\n {4}at /)
  const hostile = new Error('x')
  for (const name of ['stack', 'message', 'name', 'cause', 'errors']) {
    Object.defineProperty(hostile, name, {
      get() {
        throw new Error('never')
      },
    })
  }
  expect(errorText(hostile)).toContain('undescribable')
  const parts = new AggregateError([])
  parts.stack = 'AggregateError'
  parts.errors = new Proxy([1], {
    get: (target, name) => (name === 'length' ? 1 : expect.unreachable(String(target))),
  })
  expect(errorText(parts)).toBe('AggregateError')
  const { proxy, revoke } = Proxy.revocable({}, {})
  revoke()
  expect(errorText(proxy)).toBe('an undescribable object')
})
