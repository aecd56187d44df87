import ejs from 'ejs'
import type { EngineApp } from '../app-spec.ts'
import { serveEngine } from '../engine-server.ts'

const table =
  '<table><% for (const row of rows) { %><tr><td><%= row.id %></td><td><%= row.name %></td>' +
  '<td><%= row.email %></td><td><%= row.company %></td>' +
  '<td><% if (row.note) { %><%= row.note %><% } else { %>-<% } %></td></tr><% } %></table>'

export function serve(app: EngineApp): Promise<number> {
  return serveEngine(app, {
    table,
    compile(source) {
      const template = ejs.compile(source)
      return (rows) => template({ rows })
    },
  })
}
