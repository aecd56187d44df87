// @tornado-ts/locale/extract

// Messages in sources
export {
  defaultKeywords,
  extractFromScript,
  extractFromTemplate,
  type ExtractedMessage,
  type ExtractOptions,
  type ExtractResult,
} from './extract-messages.ts'
export { type Keyword, parseKeyword } from './keyword.ts'

// Files
export { type MessageTemplate, mergeMessages, type SourcePlace } from './merge-messages.ts'
export { writePot } from './write-pot.ts'
export { type CommandOutput, runLocaleCommand } from './locale-command.ts'
