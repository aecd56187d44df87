import type { AsyncHTTPClient, FetchOptions, HTTPResponse } from '@tornado-ts/httpclient'
import { describe, expect, it } from 'vitest'
import { engines, type Engine } from './engines.ts'
import { RawServer, type RawHandler } from './raw-server.ts'

/** Defines a test with a client of its own. */
export type EngineTest = (title: string, run: (client: AsyncHTTPClient) => Promise<void>) => void

/** Defines the same tests for every engine; those that are known not to hold for one are skipped there. */
export function describeEngines(subject: string, define: (test: EngineTest, engine: Engine) => void): void {
  for (const engine of engines) {
    const { name, create, differences = {} } = engine
    describe(`${name}: ${subject}`, () => {
      define((title, run) => {
        const isDifferent = Object.keys(differences).some((each) => title.startsWith(each))
        it.skipIf(isDifferent)(`${title}`, async () => {
          expect.hasAssertions()
          await using client = create()
          await run(client)
        })
      }, engine)
    })
  }
}

/** One server and one fetch. */
export async function fetchFrom(
  client: AsyncHTTPClient,
  handler: RawHandler,
  options: FetchOptions = {},
): Promise<{ response: HTTPResponse; server: RawServer }> {
  await using server = await RawServer.start(handler)
  return { response: await client.fetch(server.url(), options), server }
}

/** What a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<Error & { code?: string | number }> {
  return await promise.then(
    () => Promise.reject(new Error('The promise was resolved')),
    (error: Error) => error,
  )
}
