// In-memory connections, for tests of what stands above a stream
export { memoryPair, type MemoryPairOptions } from './memory-pair.ts'
export { MemoryTransport, type MemoryOptions } from './memory-transport.ts'
export { ScriptedPeer } from './scripted-peer.ts'
export { splits } from './splits.ts'
