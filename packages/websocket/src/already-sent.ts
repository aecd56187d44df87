/** What `writeMessage` answers when nothing waits. */
export const alreadySent: Promise<void> = Promise.resolve()
