// In-memory connections, for tests of what stands above a stream
export { memoryPair, type MemoryPairOptions } from './memory/memory-pair.ts'
export { MemoryTransport, type MemoryOptions } from './memory/memory-transport.ts'
export { ScriptedPeer } from './memory/scripted-peer.ts'
export { splits } from './memory/splits.ts'
