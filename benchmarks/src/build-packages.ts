import { spawnSync } from 'node:child_process'
import { delimiter } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
/** Where `npm test` puts pnpm, which turbo needs on PATH. */
const tools = fileURLToPath(new URL('../../.tools/node_modules/.bin', import.meta.url))

/**
 * Builds what changed since the last build, so that what is measured is what an install would bring.
 * @param folders What is built, with all that it needs.
 * @throws {Error} When it does not build.
 */
export function buildPackages(folders: string = './packages/*'): void {
  const command = ['turbo', 'run', 'build', `--filter=${folders}`, '--output-logs=errors-only']
  const env = {
    ...process.env,
    TURBO_TELEMETRY_DISABLED: '1',
    TURBO_NO_UPDATE_NOTIFIER: '1',
    PATH: [tools, process.env['PATH']].join(delimiter),
  }
  const { status, error } = spawnSync('pnpm', ['exec', ...command], {
    cwd: root,
    env,
    stdio: ['ignore', 2, 2],
  })
  if (error !== undefined) throw new Error(`Cannot build ${folders}: ${error.message}`)
  if (status !== 0)
    throw new Error(`Cannot measure what does not build: ${folders} (--no-build takes the last build)`)
}
