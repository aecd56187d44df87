import { httpCase } from '../load/http-case.ts'
import type { LoadCase } from '../load-case.ts'
import { greeting } from './greeting.ts'

const spread = '; those of Tornado listen by SO_REUSEPORT, so that each has its share of the connections'

/** A Flask application in so many processes of Python; the CPU is that of all processes of a server. */
export function flaskCase(processes: number): LoadCase {
  return httpCase({
    name: `flask-${processes}`,
    group: 'Flask behind a server of WSGI',
    title: `\`GET /\` of a Flask application, processes of Python: ${processes}${processes > 1 ? spread : ''}`,
    app: { kind: 'flask', processes, answer: greeting },
    request: { method: 'GET', path: '/', headers: {} },
  })
}
