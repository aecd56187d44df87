import { HTTPServer } from '@tornado-ts/httpserver'
import { pythonApp, WSGIContainer } from '@tornado-ts/wsgi-compat'
import type { FlaskApp } from '../app-spec.ts'
import { loopback } from '../server-program.ts'

/** `flask_hello.py` in as many processes of Python as the other servers have. */
export async function serve(app: FlaskApp): Promise<number> {
  const container = new WSGIContainer(
    pythonApp('flask_hello:app', {
      python: '/usr/bin/python3',
      cwd: import.meta.dirname,
      processes: app.processes,
      env: { BENCHMARK_SPEC: JSON.stringify(app), PYTHONDONTWRITEBYTECODE: '1' },
    }),
  )
  await container.ready()
  const server = new HTTPServer(container)
  server.listen(0, { address: loopback })
  const { port } = await server.bound
  return port
}
