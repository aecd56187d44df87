// `pnpm bench`: reads the command line, runs the cases, prints and writes the report.
import { checkBudgets } from './budgets.ts'
import { buildPackages } from './build-packages.ts'
import { cases, selectCases } from './cases.ts'
import { parseCommandLine, usageText, type CommandLine } from './command-line.ts'
import { errorText } from './error-text.ts'
import { findHttpLoad } from './load/http-load.ts'
import type { LoadCase, LoadTools } from './load-case.ts'
import { peers, selectPeers, type Peer } from './peers.ts'
import { findPinning, type Pinning } from './pinning.ts'
import { fullPlan, quickPlan, type Plan } from './plan.ts'
import { profileServer } from './profile.ts'
import { budgetSection } from './report/budget-section.ts'
import { caseSection } from './report/case-section.ts'
import { readResults, readSections, updateResults } from './report/results-file.ts'
import { sections } from './sections.ts'
import { describeConditions } from './report/run-conditions.ts'
import { selfTimeTable } from './report/self-time.ts'
import { runCase, type CaseResult, type Entrant } from './run-case.ts'

const resultsFile = new URL('../RESULTS.md', import.meta.url)
/** From the first line of this program on; less than the promised minute, as pnpm takes its time too. */
const quickMs = 50_000
const profileLines = 40

interface Bench {
  readonly tools: LoadTools
  readonly pinning: Pinning
}

async function main(): Promise<void> {
  const line = parseCommandLine(process.argv.slice(2))
  if (line.help) return console.log(usageText)
  if (line.list) return list()
  const selected = selectCases(line.cases)
  const pinning = findPinning()
  const { load: prefix, loadCores } = pinning
  await using http = findHttpLoad({ prefix, cores: loadCores, tool: line.load })
  const bench: Bench = { pinning, tools: { http, prefix } }
  if (line.profile === undefined) await compare(selected, line, bench)
  else await profile(selected, line.profile, line, bench)
}

function list(): void {
  console.log(`Cases: ${cases.map(({ name }) => name).join(', ')}`)
  console.log(
    `Servers: ${peers.map(({ name, version }) => `${name} (${version() ?? 'not installed'})`).join(', ')}`,
  )
}

async function compare(
  selected: readonly LoadCase[],
  line: CommandLine,
  { tools, pinning }: Bench,
): Promise<void> {
  const entrants = findEntrants(selectPeers(line.servers))
  build(
    entrants.map(({ peer }) => peer),
    line,
  )
  const runs = selected
    .map((loadCase) => ({
      loadCase,
      entrants: entrants.filter(({ peer }) => peer.kinds.includes(loadCase.app.kind)),
    }))
    .filter((run) => run.entrants.length > 0)
  const plan = makePlan(
    line,
    runs.reduce((sum, run) => sum + run.entrants.length, 0),
  )
  const conditions = describeConditions({ tools, pinning, plan, quick: line.quick })

  const results: CaseResult[] = []
  const fresh = new Map<string, string>()
  for (const run of runs) {
    const onProgress = (text: string): void => showProgress(`${run.loadCase.name}: ${text}`)
    const result = await runCase(run.loadCase, { entrants: run.entrants, plan, tools, pinning, onProgress })
    showProgress('')
    const section = caseSection(result, conditions)
    console.log(`${section}\n`)
    results.push(result)
    fresh.set(run.loadCase.name, section)
    if (result.servers.some(({ failure }) => failure !== undefined)) process.exitCode = 1
  }

  const checked = checkBudgets(results)
  const measured = checked.filter(({ ratio }) => ratio !== null)
  if (measured.length > 0) console.log(`### Budgets\n\n${budgetSection(measured, conditions.when)}\n`)
  if (!line.write) return
  const previous = readSections(readResults(resultsFile)).get('budgets')
  fresh.set('budgets', budgetSection(checked, conditions.when, previous))
  updateResults(resultsFile, fresh, sections)
  console.log('Written to benchmarks/RESULTS.md')
}

async function profile(
  selected: readonly LoadCase[],
  name: string,
  line: CommandLine,
  bench: Bench,
): Promise<void> {
  const [peer] = selectPeers([name])
  const loadCase = selected.find(({ app }) => peer?.kinds.includes(app.kind))
  if (peer === undefined || loadCase === undefined)
    throw new Error(`${name} serves none of the cases asked for`)
  build([peer], line)
  const file = await profileServer(loadCase, peer, { ...bench, plan: makePlan(line, 1) })
  console.log(`### ${loadCase.name}: ${peer.label}\n\n${selfTimeTable(file, profileLines)}\n\n${file}`)
}

/** Those that are installed; says which are not. */
function findEntrants(candidates: readonly Peer[]): Entrant[] {
  return candidates.flatMap((peer) => {
    const version = peer.version()
    if (version !== null) return [{ peer, version }]
    console.log(`${peer.label}: not installed\n`)
    return []
  })
}

function build(used: readonly Peer[], line: CommandLine): void {
  if (line.build && used.some(({ ours }) => ours)) buildPackages()
}

function makePlan(line: CommandLine, pairs: number): Plan {
  const plan = line.quick ? quickPlan(pairs, quickMs - performance.now()) : fullPlan
  return { ...plan, rounds: line.rounds ?? plan.rounds, roundMs: line.roundMs ?? plan.roundMs }
}

/** One line that is written over again; nothing where it would end up in a file. */
function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`)
}

try {
  await main()
} catch (error) {
  console.error(errorText(error))
  process.exitCode = 1
}
