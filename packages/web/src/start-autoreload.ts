import { appLog } from '@tornado-ts/log'

/** Starts the program again when its files change. What does that is loaded only when it is wanted. */
export async function startAutoreload(): Promise<void> {
  try {
    const { start } = await import('@tornado-ts/ioloop/autoreload')
    start()
  } catch (error) {
    appLog.error('Cannot watch the files of the program', error)
  }
}
