/** What the `hello` cases ask for. */
export const greeting = 'Hello, world'

export const greetingGroup = 'Hello, world'
