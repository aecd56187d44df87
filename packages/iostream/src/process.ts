// Several processes of one program
export { forkProcesses, taskId, type ForkOptions } from './fork-processes.ts'
export { cpuCount } from './cpu-count.ts'

// Other programs
export {
  type StreamMark,
  Subprocess,
  type SubprocessOptions,
  type SubprocessStdio,
  type SubprocessStream,
} from './subprocess.ts'

// Errors
export { CalledProcessError, TooManyRestartsError } from './errors.ts'
