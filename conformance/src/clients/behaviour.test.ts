import { behaviourSuite } from './behaviour.ts'
import { engines } from './engines.ts'

for (const engine of engines) behaviourSuite(engine)
