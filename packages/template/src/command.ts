// @tornado-ts/template/command: compiling ahead of time.

export {
  type CompiledTemplates,
  compileTemplates,
  type CompileTemplatesOptions,
} from './ahead/compile-templates.ts'
export { type CommandOutput, runTemplateCommand } from './ahead/template-command.ts'
