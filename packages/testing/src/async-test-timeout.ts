/**
 * How long a test may wait: 5 s, or what the environment variable `ASYNC_TEST_TIMEOUT` says, in seconds as for Tornado.
 * A value there that is no number is ignored.
 *
 * Tornado: testing.get_async_test_timeout.
 */
export function getAsyncTestTimeoutMs(): number {
  // oxlint-disable-next-line node/no-process-env -- where Tornado's users set it
  const text = process.env['ASYNC_TEST_TIMEOUT']?.trim() ?? ''
  const seconds = Number(text)
  return text === '' || !Number.isFinite(seconds) ? 5_000 : seconds * 1000
}
