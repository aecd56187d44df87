import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LoadCase, LoadTools } from './load-case.ts'
import type { Peer } from './peers.ts'
import type { Pinning } from './pinning.ts'
import type { Plan } from './plan.ts'
import { ServerProcess } from './server-process.ts'

export interface ProfileOptions {
  readonly plan: Plan
  readonly tools: LoadTools
  readonly pinning: Pinning
}

/** Puts a case's load on one server and answers the file of its CPU profile, which is outside of the repository. */
export async function profileServer(
  loadCase: LoadCase,
  peer: Peer,
  options: ProfileOptions,
): Promise<string> {
  const { plan, tools, pinning } = options
  const folder = mkdtempSync(join(tmpdir(), `tornado-ts-${peer.name}-`))
  const nodeFlags = ['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=200']
  const server = await ServerProcess.start(peer, loadCase.app, { prefix: pinning.server, nodeFlags })
  try {
    await loadCase.verify(server.port)
    await loadCase.drive(server.port, plan.warmUpMs + plan.rounds * plan.roundMs, tools)
  } finally {
    await server.stop()
  }
  const file = readdirSync(folder).find((name) => name.endsWith('.cpuprofile'))
  if (file === undefined) throw new Error(`${peer.label} left no profile: it does not run on Node`)
  return join(folder, file)
}
