import nunjucks from 'nunjucks'
import type { EngineApp } from '../app-spec.ts'
import { serveEngine } from '../engine-server.ts'

const table =
  '<table>{% for row in rows %}<tr><td>{{ row.id }}</td><td>{{ row.name }}</td>' +
  '<td>{{ row.email }}</td><td>{{ row.company }}</td>' +
  '<td>{% if row.note %}{{ row.note }}{% else %}-{% endif %}</td></tr>{% endfor %}</table>'

export function serve(app: EngineApp): Promise<number> {
  const environment = new nunjucks.Environment(null, { autoescape: true })
  return serveEngine(app, {
    table,
    compile(source) {
      // At once, not at the first output.
      const template = new nunjucks.Template(source, environment, 'table', true)
      return (rows) => template.render({ rows })
    },
  })
}
