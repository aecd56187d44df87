import { engines } from './engines.ts'
import { securitySuite } from './security.ts'

for (const engine of engines) securitySuite(engine)
