import type { AsyncTestCase } from './async-test-case.ts'

/** A class of tests. */
export type TestCaseClass = new (methodName?: string) => AsyncTestCase

/** What vitest, `node:test`, jest and others offer. */
export interface TestRunner {
  describe(name: string, body: () => void): unknown
  it(name: string, test: () => Promise<void>): unknown
}

/**
 * Gives the tests of a class to a runner: `defineTestCase(HelloTest, { describe, it })`.
 *
 * @throws {TypeError} When the class has no test.
 */
export function defineTestCase(testCase: TestCaseClass, { describe, it }: TestRunner): void {
  const names = testMethodNames(testCase)
  if (names.length === 0) throw new TypeError(`${testCase.name} has no method whose name begins with test`)
  describe(testCase.name, () => {
    for (const name of names) it(name, () => new testCase(name).run())
  })
}

/** The names of the tests of a class, its base classes' included, in the order of the alphabet. */
export function testMethodNames(testCase: TestCaseClass): string[] {
  const names = new Set<string>()
  for (
    let prototype = testCase.prototype as object | null;
    prototype !== null && prototype !== Object.prototype;
    prototype = Object.getPrototypeOf(prototype) as object | null
  ) {
    for (const name of Object.getOwnPropertyNames(prototype)) {
      if (
        name.startsWith('test') &&
        typeof Object.getOwnPropertyDescriptor(prototype, name)?.value === 'function'
      ) {
        names.add(name)
      }
    }
  }
  return [...names].toSorted()
}
