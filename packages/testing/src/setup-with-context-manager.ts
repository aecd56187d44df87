import type { AsyncTestCase } from './async-test-case.ts'

/**
 * Disposes of something when the test is over, after its `tearDown`; for `setUp`.
 * Tornado: testing.setup_with_context_manager.
 *
 * @returns The resource.
 */
export function setupWithContextManager<Resource extends Disposable | AsyncDisposable>(
  testCase: AsyncTestCase,
  resource: Resource,
): Resource {
  testCase.addCleanup(() =>
    Symbol.asyncDispose in resource
      ? resource[Symbol.asyncDispose]()
      : (resource as Disposable)[Symbol.dispose](),
  )
  return resource
}
