import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { fileURLToPath } from 'node:url'
import { markdownTable } from './markdown-table.ts'

/** The parts of a `.cpuprofile` that are read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: CallFrame
  }[]
  /** Ids of the nodes that were running, and the µs since the sample before. */
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

export interface CallFrame {
  readonly functionName: string
  readonly url: string
  /** Counted from 0. */
  readonly lineNumber: number
  readonly columnNumber: number
}

export interface SelfTime {
  readonly frame: CallFrame
  /** Share of all time but the idle one, 0 to 1. */
  readonly share: number
}

/** The functions by the time spent in themselves, most first. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): SelfTime[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const times = new Map<string, { frame: CallFrame; timeUs: number }>()
  let totalUs = 0
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id)
    if (frame === undefined || frame.functionName === '(idle)') continue
    const timeUs = timeDeltas[index] ?? 0
    const key = `${frame.functionName} ${frame.url}:${frame.lineNumber}:${frame.columnNumber}`
    const entry = times.get(key) ?? { frame, timeUs: 0 }
    times.set(key, entry)
    entry.timeUs += timeUs
    totalUs += timeUs
  }
  const sorted = [...times.values()].toSorted((a, b) => b.timeUs - a.timeUs)
  return sorted.map(({ frame, timeUs }) => ({ frame, share: timeUs / totalUs }))
}

/** The first lines of what {@link selfTimes} found in a file, as a table. */
export function selfTimeTable(profileFile: string, count: number): string {
  const profile: CpuProfile = JSON.parse(readFileSync(profileFile, 'utf8'))
  const locate = sourceLocator()
  const rows = selfTimes(profile)
    .slice(0, count)
    .map(({ frame, share }) => [
      `${(share * 100).toFixed(1)} %`,
      frame.functionName || '(anonymous)',
      locate(frame),
    ])
  return markdownTable([{ title: 'self', align: 'right' }, { title: 'function' }, { title: 'where' }], rows)
}

/** Answers where a function stands in the sources, by the source map beside a built file where there is one. */
function sourceLocator(): (frame: CallFrame) => string {
  const maps = new Map<string, SourceMap | null>()
  return ({ url, lineNumber, columnNumber }) => {
    if (!url.startsWith('file:')) return url === '' ? '' : `${url}:${lineNumber + 1}`
    let map = maps.get(url)
    if (map === undefined) maps.set(url, (map = readSourceMap(url)))
    const entry = map?.findEntry(lineNumber, columnNumber)
    if (entry === undefined || !('originalSource' in entry)) return `${shortPath(url)}:${lineNumber + 1}`
    return `${shortPath(new URL(entry.originalSource, url).href)}:${entry.originalLine + 1}`
  }
}

function readSourceMap(url: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(fileURLToPath(`${url}.map`), 'utf8')))
  } catch {
    return null
  }
}

/** Without what stands before the package's own folder. */
function shortPath(url: string): string {
  return url.replace(/^.*\/(?=(?:packages|benchmarks|node_modules)\/)/, '')
}
