// @tornado-ts/locale/extract

// Messages in sources
export {
  defaultKeywords,
  extractFromScript,
  extractFromTemplate,
  type ExtractedMessage,
  type ExtractOptions,
  type ExtractResult,
} from './extract/extract-messages.ts'
export { type Keyword, parseKeyword } from './keyword.ts'

// Files
export { type MessageTemplate, mergeMessages, type SourcePlace } from './extract/merge-messages.ts'
export { writePot } from './extract/write-pot.ts'
export { type CommandOutput, runLocaleCommand } from './extract/locale-command.ts'
