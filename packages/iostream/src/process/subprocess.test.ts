import { expectLog } from '@tornado-ts/log/testing'
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { PipeIOStream } from '../stream/pipe-io-stream.ts'
import { Subprocess, type StreamMark } from './subprocess.ts'

const { STREAM } = Subprocess

describe('streams', () => {
  it('B-proc-005 stdin, stdout and stderr can be pipe streams', async () => {
    await using process = new Subprocess(['sh', '-c', 'cat; echo problem >&2'], {
      stdin: STREAM,
      stdout: STREAM,
      stderr: STREAM,
    })
    expect(process.stdin).toBeInstanceOf(PipeIOStream)
    await process.stdin.write('hello\n')
    expect(String(await process.stdout.readUntil('\n'))).toBe('hello\n')
    process.stdin.endWriting()
    expect(String(await process.stderr.readUntilClose())).toBe('problem\n')
    expect(await process.waitForExit()).toBe(0)
    expect(process.returncode).toBe(0)
    expect(process.pid).toBe(process.proc.pid)
  })

  it('B-proc-005 closing stdin is the end of the input', async () => {
    await using process = new Subprocess(['cat'], { stdin: STREAM, stdout: STREAM })
    await process.stdin.write('last words')
    process.stdin.close()
    expect(String(await process.stdout.readUntilClose())).toBe('last words')
    expect(await process.waitForExit()).toBe(0)
    expect(process.stderr).toBeNull()
  })

  it('B-proc-005 other values are passed on: descriptors, and pipes of Node', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'subprocess-'))
    const file = join(folder, 'output')
    const fd = openSync(file, 'w')
    await using process = new Subprocess(['sh', '-c', 'echo to the file; cat >&2'], {
      stdin: 'pipe',
      stdout: fd,
      stderr: 'pipe',
    })
    closeSync(fd)
    process.stdin.end('to Node')
    let errors = ''
    for await (const chunk of process.stderr) errors += String(chunk)
    await process.waitForExit()
    expect(errors).toBe('to Node')
    expect(process.stdout).toBeNull()
    expect(readFileSync(file, 'utf8')).toBe('to the file\n')
    rmSync(folder, { recursive: true })
  })

  it('a line of the shell, a working directory and an environment', async () => {
    await using process = new Subprocess('echo "$GREETING $(basename "$PWD")"', {
      shell: true,
      cwd: tmpdir(),
      env: { GREETING: 'hello', PATH: '/usr/bin:/bin' },
      stdout: STREAM,
      stdin: 'ignore',
    })
    expect(String(await process.stdout.readUntilClose())).toBe(`hello ${tmpdir().split('/').at(-1)}\n`)
    expect(await process.waitForExit()).toBe(0)
  })

  it('output that nobody reads makes the program wait', async () => {
    await using process = new Subprocess(['sh', '-c', 'head -c 4000000 /dev/zero'], { stdout: STREAM })
    const chunk = await process.stdout.readBytes(1_000_000)
    expect(chunk.length).toBe(1_000_000)
    expect((await process.stdout.readUntilClose()).length).toBe(3_000_000)
    await process.waitForExit()
  })
})

describe('the end', () => {
  it('B-proc-006 the exit callback gets the status once, also when it comes late', async () => {
    const process = new Subprocess(['sh', '-c', 'exit 3'])
    const calls: number[] = []
    await new Promise<void>((resolve) => {
      process.setExitCallback((returncode) => {
        calls.push(returncode)
        resolve()
      })
    })
    expect(process.returncode).toBe(3)
    const late = new Promise<number>((resolve) => process.setExitCallback(resolve))
    expect(await late).toBe(3)
    expect(calls).toEqual([3])
  })

  it('B-proc-006 an error of the exit callback is logged', async () => {
    using expected = expectLog('tornado.application', 'Exception in callback')
    const process = new Subprocess(['true'])
    process.setExitCallback(() => {
      throw new Error('in the callback')
    })
    await process.waitForExit()
    while (!expected.seen) await new Promise((resolve) => setImmediate(resolve))
  })

  it('B-proc-005 B-proc-006 a signal is a negative status', async () => {
    const process = new Subprocess(['sleep', '60'])
    process.proc.kill('SIGTERM')
    await expect(process.waitForExit()).rejects.toMatchObject({
      name: 'CalledProcessError',
      returncode: -15,
      message: 'Command "sleep 60" died with signal 15',
    })
    expect(process.returncode).toBe(-15)
  })

  it('B-proc-006 waitForExit rejects for another status than 0, unless told not to', async () => {
    const process = new Subprocess(['sh', '-c', 'exit 1'])
    await expect(process.waitForExit()).rejects.toMatchObject({
      name: 'CalledProcessError',
      returncode: 1,
      command: ['sh', '-c', 'exit 1'],
      message: 'Command "sh -c exit 1" returned non-zero exit status 1',
    })
    expect(await process.waitForExit({ raiseError: false })).toBe(1)
  })

  it('B-proc-007 a program that cannot be started throws and leaves no pipes', async () => {
    const start = (file: string, cwd?: string) => (): Subprocess<StreamMark, StreamMark> =>
      new Subprocess([file], { stdin: STREAM, stdout: STREAM, ...(cwd === undefined ? {} : { cwd }) })
    const countDescriptors = (): number => readdirSync('/dev/fd').length
    const before = countDescriptors()
    expect(start('/missing/program')).toThrow('Cannot start /missing/program: ENOENT')
    expect(start('no-such-program-anywhere')).toThrow(
      'Cannot start no-such-program-anywhere: no such program',
    )
    expect(start(tmpdir())).toThrow(`Cannot start ${tmpdir()}`)
    expect(start('true', '/missing/folder')).toThrow('no such working directory')
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setImmediate(resolve))
    expect(countDescriptors()).toBe(before)
  })

  it('disposal kills what still runs', async () => {
    const process = new Subprocess(['sleep', '60'])
    await process[Symbol.asyncDispose]()
    expect(process.returncode).toBe(-9)
    await process[Symbol.asyncDispose]()
  })
})
