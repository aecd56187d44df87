// @tornado-ts/template/runtime: what compiled templates need, without the compiler.

export {
  CompiledTemplate,
  type CompiledTemplateOptions,
  type GenerateOptions,
  type StreamOptions,
  type TemplateValues,
} from './compiled-template.ts'
export { CompiledLoader } from './compiled-loader.ts'
export { type Helpers, helpers } from './runtime/helpers.ts'
export type {
  Environment,
  Names,
  NameSource,
  RenderFunction,
  StreamFunction,
  TemplateModules,
  TemplateProgram,
} from './runtime/program.ts'
