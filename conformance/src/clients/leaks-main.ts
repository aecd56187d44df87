// Tells as JSON what an engine leaves behind after bad answers. A program of its own: a test runner has timers, too.
import { engines } from './engines.ts'
import { findLeaks } from './leaks.ts'

const engine = engines.find(({ name }) => name === process.argv[2])!
console.log(JSON.stringify(await findLeaks(engine)))
