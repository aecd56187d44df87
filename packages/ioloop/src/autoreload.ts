// @tornado-ts/ioloop/autoreload: starting the program again when its files change.

// In a program
export {
  addReloadHook,
  type ReloadHook,
  start,
  type StartOptions,
  wait,
  watch,
} from './autoreload/reloader.ts'

// The command
export { main } from './autoreload/command.ts'
