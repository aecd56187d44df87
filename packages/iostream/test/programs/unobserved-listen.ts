// Listens where somebody else does, and does not look at what becomes of it.
import { TCPServer } from '@tornado-ts/iostream/tcp'

new TCPServer().listen(Number(process.argv[2]), { address: '127.0.0.1' })
