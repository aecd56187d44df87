/** What an error says, without where it was thrown. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
