import { mkdir } from 'node:fs/promises'
import { defineOptions, parseCommandLine } from '@tornado-ts/options'
import { makeApplication } from './application.ts'
import { putFile, uploadFiles } from './uploader.ts'

const options = defineOptions(
  {
    port: { default: 8888, help: 'port to listen on; 0 for an unused one' },
    address: { default: '127.0.0.1', help: 'address to listen on' },
    directory: { default: 'uploads', help: 'where the files are kept' },
    maxSize: { default: 1024 ** 3, help: 'most bytes of a request' },
    to: { type: 'string', help: 'be the client: send the files that follow to the server of this URL' },
    put: { default: false, help: 'as the client: send each file as the body of a PUT, not all in one form' },
  },
  { group: 'file-upload' },
)
const files = parseCommandLine()

try {
  if (options.to === null) await receive()
  else await send(options.to)
} catch (error) {
  console.error(`file-upload: ${(error as Error).message}`)
  process.exit(1)
}

async function receive(): Promise<void> {
  if (files.length > 0) throw new Error('To send files name a server, --to=URL; see --help')
  await mkdir(options.directory, { recursive: true })
  const { directory, maxSize } = options
  const server = makeApplication({ directory, maxSize }).listen(options.port, {
    address: options.address,
    maxBodySize: maxSize,
  })
  const stopped = server.stopOnSignals()
  console.log(`Listening on ${await server.url()} (stop with Ctrl-C)`)
  await stopped
}

async function send(to: string): Promise<void> {
  if (files.length === 0) throw new Error('Name the files to send; see --help')
  const sent = options.put
    ? await Promise.all(files.map((file) => putFile(to, file)))
    : await uploadFiles(to, files)
  for (const { name, size, sha256 } of sent) console.log(`${name}  ${size} bytes  sha256 ${sha256}`)
}
