import type { FileHandle } from 'node:fs/promises'

/** Writes all of `bytes` behind what was written before: a write may take a part of them only. */
export async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten
}
