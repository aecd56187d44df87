// A server with an application of Python in a process of its own: its port is the first message; to any other it answers with
// the memory and the time of the processor it uses. The framework is its argument.
import { HTTPServer } from '@tornado-ts/httpserver'
import { pythonApp, WSGIContainer } from '@tornado-ts/wsgi-compat'

const [framework = 'flask'] = process.argv.slice(2)
const container = new WSGIContainer(
  pythonApp(`${framework}_app:application`, { python: '/usr/bin/python3', cwd: import.meta.dirname }),
)
await container.ready()
const server = new HTTPServer(container, { maxBodySize: 2 ** 40 })
server.listen(0, { address: '127.0.0.1' })
const { port } = await server.bound
process.send!({ port })
process.on('message', () => {
  globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  process.send!({ residentSize: process.memoryUsage.rss(), cpuMs: (user + system) / 1000 })
})
