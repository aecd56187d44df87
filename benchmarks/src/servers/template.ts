import { Template } from '@tornado-ts/template'
import type { EngineApp } from '../app-spec.ts'
import { serveEngine } from '../engine-server.ts'

const table =
  '<table>{% for row in rows %}<tr><td>{{ row.id }}</td><td>{{ row.name }}</td>' +
  '<td>{{ row.email }}</td><td>{{ row.company }}</td>' +
  '<td>{% if row.note %}{{ row.note }}{% else %}-{% end %}</td></tr>{% end %}</table>'

export function serve(app: EngineApp): Promise<number> {
  return serveEngine(app, {
    table,
    compile(source) {
      const template = new Template(source)
      return (rows) => template.generate({ rows })
    },
  })
}
