import type { Script } from '../javascript/script.ts'
import type { LinkedNode, LinkedTemplate } from '../syntax/link-template.ts'
import type { ParsedFile } from '../syntax/nodes.ts'

/** What is to be known of a whole template before its code is written. */
export interface Survey {
  /** Whether anything in it awaits. */
  readonly isAsync: boolean
  /** The names that it assigns to, anywhere. */
  readonly assigned: ReadonlySet<string>
  /** Every piece of JavaScript in it, and which of them are targets of assignments. */
  readonly scripts: readonly SurveyedScript[]
}

export interface SurveyedScript {
  readonly script: Script
  readonly isTarget: boolean
  readonly filename: string
  readonly line: number
}

/** Looks through everything that a template consists of. */
export function survey({ root, body }: LinkedTemplate): Survey {
  const scripts: SurveyedScript[] = []
  let isAsync = false
  const assigned = new Set<string>()

  const visitScript = (script: Script, line: number, file: string, isTarget = false): void => {
    scripts.push({ script, isTarget, filename: file, line })
    isAsync ||= script.hasAwait
    for (const { name, kind } of script.references) {
      if (kind !== 'read' && kind !== 'typeof') assigned.add(name)
    }
  }

  const visitFile = ({ autoescape, name }: ParsedFile): void => {
    if (autoescape !== null) visitScript(autoescape, 1, name)
  }

  const visit = (nodes: readonly LinkedNode[] | null, file: string): void => {
    for (const node of nodes ?? []) {
      switch (node.kind) {
        case 'section':
          visitFile(node.file)
          visit(node.body, node.file.name)
          break
        case 'output':
          isAsync ||= node.isAwaited
          visitScript(node.script, node.line, file)
          break
        case 'set':
          for (const script of node.scripts) visitScript(script, node.line, file)
          break
        case 'import':
          for (const { target } of node.bindings) visitScript(target, node.line, file, true)
          break
        case 'if':
          for (const { condition, line, body: inner } of node.branches) {
            visitScript(condition, line, file)
            visit(inner, file)
          }
          visit(node.otherwise, file)
          break
        case 'for':
          isAsync ||= node.isAwait
          visitScript(node.target, node.line, file, true)
          visitScript(node.iterable, node.line, file)
          visit(node.body, file)
          visit(node.otherwise, file)
          break
        case 'while':
          visitScript(node.condition, node.line, file)
          visit(node.body, file)
          visit(node.otherwise, file)
          break
        case 'try':
          for (const { types, target, line, body: inner } of node.handlers) {
            for (const type of types ?? []) visitScript(type, line, file)
            if (target !== null) visitScript(target, line, file, true)
            visit(inner, file)
          }
          for (const inner of [node.body, node.otherwise, node.final]) visit(inner, file)
          break
        case 'apply':
          isAsync ||= node.isAwaited
          visitScript(node.script, node.line, file)
          visit(node.body, file)
          break
        case 'text':
        case 'flush':
        case 'break':
        case 'continue':
          break
      }
    }
  }
  visitFile(root)
  visit(body, root.name)
  return { isAsync, assigned, scripts }
}
