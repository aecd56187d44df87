// What a user gets: packs every public package, installs the packed files with plain npm into an empty project,
// imports every entry there, and runs and type-checks the hello world of README.md.
//   pnpm run smoke [-- --sizes]     after a build; prints how large each package is
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { findOlderNode, olderNodes } from './lib/older-nodes.mjs'
import { checkContents, closureOf, formatSizes, readInstalled } from './lib/package-sizes.mjs'
import { findHelloProgram } from './lib/readme-program.mjs'
import { readJson, readPackages, root } from './lib/workspace.mjs'

const run = promisify(execFile)
const startTimeoutMs = 15_000
const stopTimeoutMs = 10_000
/** Bytes that may be on disk after `npm install @tornado-ts/web`. */
const webSizeLimit = 1_000_000

const project = mkdtempSync(join(tmpdir(), 'pack-smoke-'))
try {
  await smoke()
} catch (error) {
  console.error(error.message)
  for (const output of [error.stdout, error.stderr]) if (output) console.error(output.trimEnd())
  process.exitCode = 1
} finally {
  rmSync(project, { recursive: true, force: true })
}

async function smoke() {
  const packages = readPackages().filter((pkg) => pkg.isPublic)
  const tarballs = await pack(packages)
  await install(packages, tarballs)
  const specifiers = packages.flatMap((pkg) => checkInstalled(pkg))
  checkSizes(packages)
  const program = readProgram()
  await checkTypes(program)
  for (const node of await findNodes()) {
    const { stdout } = await run(node, ['--version'])
    await importAll(node, specifiers)
    await runHello(node, program)
    console.log(
      `Node ${stdout.trim()}: ${specifiers.length} entries imported, the README's hello world answered`,
    )
  }
}

/** @returns {Promise<Map<string, string>>} the packed file of each package, by its name */
async function pack(packages) {
  const folder = join(project, 'packed')
  mkdirSync(folder)
  const tarballs = new Map()
  for (const { folder: source, manifest } of packages) {
    await run('pnpm', ['pack', '--pack-destination', folder], { cwd: join(root, source) })
    const file = `${manifest.name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`
    tarballs.set(manifest.name, `file:packed/${file}`)
  }
  return tarballs
}

async function install(packages, tarballs) {
  const manifest = {
    name: 'smoke',
    private: true,
    type: 'module',
    dependencies: Object.fromEntries(tarballs),
  }
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest))
  const fromRegistry = packages.some((pkg) => {
    return Object.keys(pkg.manifest.dependencies ?? {}).some((name) => !tarballs.has(name))
  })
  // Without third-party packages nothing is to be asked of a registry: that is a promise to users, so hold it.
  const network = fromRegistry ? ['--prefer-offline'] : ['--offline']
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']
  await run('npm', ['install', '--ignore-scripts', ...network, ...quiet], { cwd: project })
}

/** @returns {string[]} what can be imported from the installed package */
function checkInstalled({ manifest: { name } }) {
  const installed = readJson(join(project, 'node_modules', name, 'package.json'))
  const text = JSON.stringify([installed.dependencies, installed.exports])
  for (const inner of ['workspace:', 'catalog:', '@tornado-ts/source']) {
    if (text.includes(inner)) throw new Error(`The packed package.json of ${name} still says ${inner}`)
  }
  return Object.keys(installed.exports)
    .filter((entry) => entry !== './package.json')
    .map((entry) => name + entry.slice(1))
}

function checkSizes(packages) {
  const installed = readInstalled(
    project,
    packages.map((pkg) => pkg.manifest.name),
  )
  if (process.argv.includes('--sizes')) console.log(formatSizes(installed).join('\n'))
  const problems = [...installed].flatMap(([name, { files }]) => checkContents(name, files))
  const { names, others, size } = closureOf('@tornado-ts/web', installed)
  if (others.length > 0) problems.push(`@tornado-ts/web needs ${others.join(', ')}`)
  if (size > webSizeLimit) problems.push(`@tornado-ts/web with what it needs has ${size} bytes`)
  if (problems.length > 0) throw new Error(problems.join('\n'))
  console.log(`@tornado-ts/web and what it needs: ${names.length} packages, ${Math.round(size / 1000)} kB`)
}

function readProgram() {
  const found = findHelloProgram(readFileSync(join(root, 'README.md'), 'utf8'))
  if (found === undefined) throw new Error('README.md has no program under a heading with "Hello" in it')
  if (!found.source.includes('8888'))
    throw new Error(`README.md:${found.line}: the program names no port 8888`)
  return { file: `hello.${found.extension}`, source: found.source }
}

async function checkTypes({ file, source }) {
  const config = {
    compilerOptions: {
      noEmit: true,
      strict: true,
      exactOptionalPropertyTypes: true,
      target: 'es2024',
      lib: ['es2024', 'esnext.disposable'],
      module: 'nodenext',
      allowJs: true,
      types: ['node'],
      typeRoots: [join(root, 'node_modules', '@types')],
    },
    files: [file],
  }
  writeFileSync(join(project, file), source)
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(config))
  await run('tsc', ['-p', project], { cwd: project })
}

/** The workspace's own Node and the older ones that are installed. */
async function findNodes() {
  const older = await Promise.all(Object.keys(olderNodes).map((major) => findOlderNode(major)))
  return [process.execPath, ...older.filter((node) => node !== undefined)]
}

async function importAll(node, specifiers) {
  const source = specifiers.map((specifier) => `await import('${specifier}')`).join('\n')
  await run(node, ['--input-type=module', '--eval', source], { cwd: project })
}

async function runHello(node, { file, source }) {
  const port = await freePort()
  writeFileSync(join(project, file), source.replaceAll('8888', String(port)))
  const child = spawn(node, [file], { cwd: project, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(chunk))
  const ended = once(child, 'close')
  try {
    const response = await firstAnswer(`http://127.0.0.1:${port}/`, child)
    const body = await response.text()
    if (response.status !== 200 || !body.includes('Hello, world')) {
      throw new Error(`The README's hello world answered ${response.status} ${JSON.stringify(body)}`)
    }
    child.kill('SIGTERM')
    const late = delay(stopTimeoutMs, 'late', { ref: false })
    const end = await Promise.race([ended, late])
    if (end === 'late')
      throw new Error(`The README's hello world did not stop within ${stopTimeoutMs} ms of SIGTERM`)
    const [status, signal] = end
    if (status !== 0 && signal !== 'SIGTERM')
      throw new Error(`After SIGTERM it ended with ${status ?? signal}`)
  } catch (error) {
    error.stdout = Buffer.concat(output).toString()
    throw error
  } finally {
    child.kill('SIGKILL')
  }
}

/** Asks until the server is up; a server that ended, or none within the time-out, is an error. */
async function firstAnswer(url, child) {
  const deadline = performance.now() + startTimeoutMs
  for (;;) {
    try {
      return await fetch(url, { headers: { connection: 'close' } })
    } catch (error) {
      if (child.exitCode !== null)
        throw new Error(`It ended with ${child.exitCode} before it answered`, { cause: error })
      if (performance.now() > deadline)
        throw new Error(`No answer within ${startTimeoutMs} ms`, { cause: error })
      await delay(50)
    }
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
