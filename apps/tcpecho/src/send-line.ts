import { TCPClient } from '@tornado-ts/iostream/tcp'

/** Sends one line, and resolves with the line that comes back, without its end. */
export async function sendLine(line: string, host: string, port: number): Promise<string> {
  const client = new TCPClient()
  try {
    const stream = await client.connect(host, port, { timeoutMs: 5_000 })
    await stream.write(`${line}\n`)
    const answer = await stream.readUntil('\n')
    stream.close()
    return answer.toString().trimEnd()
  } finally {
    client.close()
  }
}
