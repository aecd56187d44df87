import { routePrefix } from '../app-spec.ts'
import type { LoadCase } from '../load-case.ts'
import { httpCase } from '../load/http-case.ts'

/** The group that the last route matches. */
const item = '4711'

/** Asks for the last of `count` routes. */
export function routesCase(count: number): LoadCase {
  return httpCase({
    name: `routes-${count}`,
    group: 'Routing',
    title: `The last of ${count.toLocaleString('en')} routes, with a group that is answered`,
    app: { kind: 'routes', count, answer: item, pipelined: false },
    request: { method: 'GET', path: routePrefix(count) + item, headers: {} },
  })
}
