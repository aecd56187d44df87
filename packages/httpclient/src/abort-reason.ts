/** A program may abort with anything, nothing included; what a fetch fails with is something. */
export function reasonOf({ reason }: AbortSignal): Error {
  return (reason as Error | null) ?? new DOMException('This operation was aborted', 'AbortError')
}
