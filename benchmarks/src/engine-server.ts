import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import type { EngineApp } from './app-spec.ts'
import type { LoadResult } from './load-case.ts'
import { listen } from './server-program.ts'
import { type TableRow, tableRows } from './table-rows.ts'

/** A template engine: what its template of the table is, and how it compiles one. */
export interface Engine {
  readonly table: string
  compile(source: string): (rows: readonly TableRow[]) => string
}

/**
 * Serves an engine: a line with a number has it work for so many milliseconds, and is answered with a
 * {@link LoadResult}; a line `show` is answered with an output as JSON.
 */
export function serveEngine(app: EngineApp, engine: Engine): Promise<number> {
  const { work, show } = app.kind === 'table' ? rendering(app.rows, engine) : compiling(app.tables, engine)
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy())
    createInterface({ input: socket }).on('line', (line) => {
      const answer = line === 'show' ? show() : workFor(Number(line), work)
      socket.write(`${JSON.stringify(answer)}\n`)
    })
  })
  return listen(server)
}

interface Work {
  readonly work: () => unknown
  readonly show: () => string
}

function rendering(count: number, engine: Engine): Work {
  const rows = tableRows(count)
  const render = engine.compile(engine.table)
  // Bytes, as they would be sent; an engine may hand over a text whose pieces are not put together yet.
  return { work: () => Buffer.from(render(rows)), show: () => render(rows) }
}

function compiling(tables: number, engine: Engine): Work {
  const source = engine.table.repeat(tables)
  return { work: () => engine.compile(source), show: () => engine.compile(source)(tableRows(1)) }
}

function workFor(durationMs: number, work: () => unknown): LoadResult {
  const start = performance.now()
  let done = 0
  while (performance.now() - start < durationMs) {
    work()
    done++
  }
  return { done, failed: 0, seconds: (performance.now() - start) / 1000 }
}
