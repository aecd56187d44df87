import type { ExceptHead, ForHead } from '../javascript/parse-script.ts'
import type { Script } from '../javascript/script.ts'

/** What a template's text consists of. Lines are counted from 1: where a directive begins. */
export type TemplateNode =
  | LeafNode
  | IfNode<TemplateNode>
  | ForNode<TemplateNode>
  | WhileNode<TemplateNode>
  | TryNode<TemplateNode>
  | ApplyNode<TemplateNode>
  | BlockNode
  | IncludeNode
  | SimpleNode<'super'>

/** What has no bodies. */
export type LeafNode =
  | TextNode
  | OutputNode
  | SetNode
  | ImportNode
  | SimpleNode<'flush' | 'break' | 'continue'>

export interface TextNode {
  readonly kind: 'text'
  readonly text: string
}

/** `{{ value }}`, `{% raw value %}` and `{% module Name() %}`. */
export interface OutputNode {
  readonly kind: 'output'
  readonly line: number
  readonly script: Script
  readonly isEscaped: boolean
  readonly isAwaited: boolean
}

export interface SetNode {
  readonly kind: 'set'
  readonly line: number
  readonly scripts: readonly Script[]
}

export interface ImportNode {
  readonly kind: 'import'
  readonly line: number
  readonly specifier: string
  readonly bindings: readonly ImportBinding[]
}

export interface ImportBinding {
  /** The name of an export; `null` is the module itself. */
  readonly imported: string | null
  readonly target: Script
}

export interface IfNode<Node> {
  readonly kind: 'if'
  readonly branches: readonly Branch<Node>[]
  readonly otherwise: readonly Node[] | null
}

export interface Branch<Node> {
  readonly line: number
  readonly condition: Script
  readonly body: readonly Node[]
}

export interface ForNode<Node> extends ForHead {
  readonly kind: 'for'
  readonly line: number
  readonly isAwait: boolean
  readonly body: readonly Node[]
  readonly otherwise: readonly Node[] | null
}

export interface WhileNode<Node> {
  readonly kind: 'while'
  readonly line: number
  readonly condition: Script
  readonly body: readonly Node[]
  readonly otherwise: readonly Node[] | null
}

export interface TryNode<Node> {
  readonly kind: 'try'
  readonly body: readonly Node[]
  readonly handlers: readonly Handler<Node>[]
  readonly otherwise: readonly Node[] | null
  readonly final: readonly Node[] | null
}

export interface Handler<Node> extends ExceptHead {
  readonly line: number
  readonly body: readonly Node[]
}

export interface ApplyNode<Node> {
  readonly kind: 'apply'
  readonly line: number
  readonly script: Script
  readonly isAwaited: boolean
  readonly body: readonly Node[]
}

export interface BlockNode {
  readonly kind: 'block'
  readonly line: number
  readonly name: string
  readonly body: readonly TemplateNode[]
}

export interface IncludeNode {
  readonly kind: 'include'
  readonly line: number
  readonly name: string
}

export interface SimpleNode<Kind> {
  readonly kind: Kind
  readonly line: number
}

/** One template's text, understood. */
export interface ParsedFile {
  readonly name: string
  readonly body: readonly TemplateNode[]
  /** What values are escaped with; `null` leaves them as they are. */
  readonly autoescape: Script | null
  readonly extends: { readonly name: string; readonly line: number } | null
  /** The type of what it is to be given, from a comment `{# context: … #}`. */
  readonly contextType: string | null
}
