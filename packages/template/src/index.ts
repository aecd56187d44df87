// @tornado-ts/template

// Templates
export { Template, type TemplateOptions } from './template.ts'
export {
  CompiledTemplate,
  type CompiledTemplateOptions,
  type GenerateOptions,
  type StreamOptions,
  type TemplateValues,
} from './compiled-template.ts'
export type { CommonOptions } from './template-options.ts'
export { type Directive, directives } from './syntax/directives.ts'
export { filterWhitespace, type WhitespaceMode } from './syntax/filter-whitespace.ts'

// Loaders
export { BaseLoader, type LoaderOptions, type TemplateLoader } from './base-loader.ts'
export { type FileLoaderOptions, Loader } from './loader.ts'
export { DictLoader } from './dict-loader.ts'
export { CompiledLoader } from './compiled-loader.ts'

// What templates know
export { defaultNamespace, type DefaultNamespace } from './runtime/default-namespace.ts'
export type { Names, NameSource, TemplateModules, TemplateProgram } from './runtime/program.ts'

// Errors
export {
  ImportError,
  NameError,
  ParseError,
  TemplateNotFoundError,
  type TemplateNotFoundOptions,
} from './errors.ts'
export { templateTrace } from './runtime/template-trace.ts'
export type { TemplatePosition } from './runtime/position.ts'
