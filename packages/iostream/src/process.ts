// Several processes of one program
export { forkProcesses, taskId, type ForkOptions } from './process/fork-processes.ts'
export { cpuCount } from './process/cpu-count.ts'

// Other programs
export {
  type StreamMark,
  Subprocess,
  type SubprocessOptions,
  type SubprocessStdio,
  type SubprocessStream,
} from './process/subprocess.ts'

// Errors
export { CalledProcessError, TooManyRestartsError } from './errors.ts'
