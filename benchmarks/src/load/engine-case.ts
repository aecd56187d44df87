import type { EngineApp } from '../app-spec.ts'
import type { LoadCase, LoadResult } from '../load-case.ts'
import { tableOf, tableRows, withSameReferences } from '../table-rows.ts'
import { askLine } from './ask-line.ts'

export interface EngineCaseOptions {
  readonly name: string
  readonly group: string
  readonly title: string
  readonly unit: string
  readonly app: EngineApp
}

/** What an engine may take longer than it is told to. */
const graceMs = 20_000

/** A case that has a template engine do one thing again and again, in its own process. */
export function engineCase(options: EngineCaseOptions): LoadCase {
  const { app } = options
  return {
    ...options,
    async verify(port) {
      const shown: string = JSON.parse(await askLine(port, 'show', graceMs))
      const right =
        app.kind === 'table' ? tableOf(tableRows(app.rows)) : tableOf(tableRows(1)).repeat(app.tables)
      const output = withSameReferences(shown)
      if (output !== right) throw new Error(`Wrong output: ${JSON.stringify(output.slice(0, 200))}`)
    },
    async drive(port, durationMs) {
      const result: LoadResult = JSON.parse(await askLine(port, String(durationMs), durationMs + graceMs))
      return result
    },
  }
}
