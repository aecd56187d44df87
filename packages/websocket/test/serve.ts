import { Application, type ApplicationRule, type ApplicationSettings } from '@tornado-ts/web'
import { onTestFinished } from 'vitest'

/** Serves handlers on loopback until the test is over. */
export async function serve(
  rules: ApplicationRule[],
  settings: ApplicationSettings = {},
): Promise<{ port: number; url: string; server: ReturnType<Application['listen']> }> {
  const server = new Application(rules, { logFunction: () => {}, ...settings }).listen(0, {
    address: '127.0.0.1',
  })
  const { port } = await server.bound
  onTestFinished(async () => await server[Symbol.asyncDispose]())
  return { port, url: `ws://127.0.0.1:${port}`, server }
}
