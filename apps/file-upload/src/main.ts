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

if (options.to === null) {
  await mkdir(options.directory, { recursive: true })
  const { directory, maxSize } = options
  const server = makeApplication({ directory, maxSize }).listen(options.port, {
    address: options.address,
    maxBodySize: maxSize,
  })
  const stopped = server.stopOnSignals()
  console.log(`Listening on ${await server.url()} (stop with Ctrl-C)`)
  await stopped
} else {
  const sent = options.put
    ? await Promise.all(files.map((file) => putFile(options.to!, file)))
    : await uploadFiles(options.to, files)
  for (const { name, size, sha256 } of sent) console.log(`${name}  ${size} bytes  sha256 ${sha256}`)
}
