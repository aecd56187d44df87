import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { test } from 'node:test'
import { joinDeclarations } from './join-declarations.mjs'

/** The files that these become when `index.d.ts`, and `other.d.ts` if it is there, are the entries. */
function joined(files) {
  const folder = mkdtempSync(join(tmpdir(), 'join-declarations-'))
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const entries = ['index.d.ts', 'other.d.ts'].filter((path) => path in files)
    const texts = joinDeclarations(entries.map((path) => join(folder, path)))
    return Object.fromEntries([...texts].map(([path, text]) => [relative(folder, path), text]))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('joins what one entry leads to, and exports what it exports', () => {
  const files = joined({
    'index.d.ts': `export { A, type Option } from './in/a.ts';\nexport declare const one = 1;\n`,
    'in/a.d.ts': `import { B, type C } from '../b.ts';
/** A. */
export declare class A extends B {
    /** Does. */
    do(option: Option): void;
}
/** An option. */
export interface Option {
}
/** Hands out what is private. */
export declare let peek: (a: A) => C;
export {};
`,
    'b.d.ts': `/** B. */\nexport declare class B {\n}\n/** C. */\nexport interface C {\n}\n`,
    'lone.d.ts': `export * from './b.ts';\n`,
  })
  assert.deepEqual(files, {
    'index.d.ts': `export declare const one = 1;
/** A. */
export declare class A extends B {
\t/** Does. */
\tdo(option: Option): void;
}
/** An option. */
export interface Option {
}
/** B. */
declare class B {
}
export {};
`,
  })
})

test('gives several entries one file of types', () => {
  const files = joined({
    'index.d.ts': `export { A as Uno } from './a.ts';\nexport { Server } from 'node:net';\n`,
    'other.d.ts': `import { A } from './a.ts';\nexport declare const a: A;\n`,
    'a.d.ts': `export interface A {\n}\n`,
  })
  assert.deepEqual(files, {
    'index.d.ts': `export { A as Uno } from './types.ts';\nexport { Server } from 'node:net';\nexport {};\n`,
    'other.d.ts': `export { a } from './types.ts';\nexport {};\n`,
    'types.d.ts': `export interface A {\n}\nexport declare const a: A;\nexport {};\n`,
  })
})

test('follows renamings, type queries, computed names and overloads', () => {
  const { 'index.d.ts': text } = joined({
    'index.d.ts': `export { One as Uno, base } from './middle.ts';\n`,
    'middle.d.ts': `export { Ein as One, Zwei, base } from './end.ts';\n`,
    'end.d.ts': `declare const base: unique symbol;
interface Ein<T> extends Pick<Drei, 'a'> {
    [base]: typeof other;
    Vier: T;
}
declare function other(a: string): void;
declare function other(a: number): void;
declare class Zwei {
}
interface Drei {
}
type Vier = 4;
export { Ein, Zwei, base };
`,
  })
  assert.match(text, /^export declare const base: unique symbol;\ninterface Ein<T>/)
  assert.match(text, /a: string[^]*a: number[^]*interface Drei[^]*export \{ Ein as Uno \};/)
  assert.doesNotMatch(text, /Zwei|type Vier/)
})

test('imports what it needs of other packages, once', () => {
  const { 'index.d.ts': text } = joined({
    'index.d.ts': `import { type Socket as S, Server } from 'node:net';\nimport * as tls from 'node:tls';
export { B } from './b.ts';\nexport interface A extends tls.Server {\n    s: S;\n}\n`,
    'b.d.ts': `import type { Socket as S } from 'node:net';\nexport type B = S;\n`,
  })
  assert.equal(
    text,
    `import { Socket as S } from 'node:net';\nimport * as tls from 'node:tls';
export interface A extends tls.Server {\n\ts: S;\n}\nexport type B = S;\nexport {};\n`,
  )
})

test('refuses names that would come to mean something else', () => {
  const index = `export { A } from './a.ts';\nexport { B } from './b.ts';\n`
  for (const [a, b, message] of [
    ['type C = 1;', 'type C = 2;', /Two things are called C/],
    [`import { C } from 'c';`, 'type C = 2;', /Two things are called C/],
    [`import { C } from 'c';`, `import { C } from 'd';`, /Two things are called C/],
    ['', 'type C = 2;', /Two things are called C.*global/],
  ]) {
    const files = {
      'index.d.ts': index,
      'a.d.ts': `${a}\nexport type A = C;\nexport {};\n`,
      'b.d.ts': `${b}\nexport type B = C;\nexport {};\n`,
    }
    assert.throws(() => joined(files), message)
  }
})
