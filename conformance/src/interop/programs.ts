import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'

/** Where a program is, by name or path, or `null`. Debian keeps servers out of the PATH of those who are not root. */
export function findProgram(name: string): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  for (const folder of folders) {
    const path = resolve(folder, name)
    try {
      accessSync(path, constants.X_OK)
      return path
    } catch {}
  }
  return null
}

/** Defines tests that need a program. Without it there is one test, skipped, that names it. */
export function describeWith(what: string, program: string | null, define: (program: string) => void): void {
  describe(`with ${what}`, () => {
    it.skipIf(program === null)(`${what} is installed`, () => {
      expect(program).not.toBeNull()
    })
    if (program !== null) define(program)
  })
}

/** What a program that ended has left. */
export interface Ended {
  readonly status: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

/** Runs a program to its end; `input` is what it gets on standard input. */
export function run(
  program: string,
  args: readonly string[],
  { input = '' }: { input?: string | Uint8Array } = {},
): Promise<Ended> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  const stdout: Buffer[] = []
  let stderr = ''
  child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk))
  // A program that is answered early does not read it all.
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => resolve({ status, stdout: Buffer.concat(stdout), stderr }))
  })
}

/** Whether a program ends with status 0. */
export function succeeds(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: 'ignore' }).status === 0
}

/** Ends a program and resolves when it has ended. */
export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGTERM')
  await ended
}
