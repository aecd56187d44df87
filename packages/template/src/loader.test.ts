import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { BaseLoader } from './base-loader.ts'
import { CompiledLoader } from './compiled-loader.ts'
import { DictLoader } from './dict-loader.ts'
import { TemplateNotFoundError } from './errors.ts'
import { Loader } from './loader.ts'

let home: string
let root: string

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'template-'))
  root = join(home, 'templates')
  mkdirSync(join(root, 'sub'), { recursive: true })
  write('utf8.html', 'H\u00e9llo')
  write('page.html', '{% extends "base.html" %}{% block b %}{% include sub/part.html %}{% end %}')
  write('base.html', '<{% block b %}{% end %}>')
  write('sub/part.html', '{% include "../utf8.html" %}!')
  writeFileSync(join(home, 'secret.html'), 'secret')
})

afterEach(() => {
  rmSync(home, { recursive: true })
})

function write(name: string, text: string | Uint8Array): void {
  writeFileSync(join(root, name), text)
}

it('B-tpl-034 files are UTF-8', () => {
  expect(new Loader(root).load('utf8.html').generate()).toBe('Héllo')
  expect(new Loader(root).load('page.html').generate()).toBe('<Héllo!>')
  write('latin1.html', Buffer.from([0x48, 0xe9]))
  expect(() => new Loader(root).load('latin1.html')).toThrow(
    expect.objectContaining({
      message: 'The text is not UTF-8 at latin1.html:0',
      cause: expect.objectContaining({ name: 'UnicodeDecodeError' }),
    }),
  )
})

it('B-tpl-034 no name leads out of the directory', () => {
  symlinkSync(join(home, 'secret.html'), join(root, 'link.html'))
  symlinkSync(home, join(root, 'up'))
  symlinkSync(join(root, 'utf8.html'), join(root, 'inside.html'))
  mkdirSync(join(home, 'templates-too'))
  writeFileSync(join(home, 'templates-too', 'x.html'), 'x')
  const loader = new Loader(root)
  const outside = [
    '../secret.html',
    'sub/../../secret.html',
    './../secret.html',
    join(home, 'secret.html'),
    '/etc/passwd',
    '../templates-too/x.html',
    'link.html',
    'up/secret.html',
    'utf8.html\0.txt',
    '',
    '.',
    '..',
    'sub',
    'utf8.html/x',
    'x'.repeat(10_000),
  ]
  for (const name of outside) expect(() => loader.load(name)).toThrow(TemplateNotFoundError)
  for (const name of ['../../secret.html', '/etc/passwd']) {
    write('sub/from.html', `\n{% include "${name}" %}`)
    expect(() => loader.load('sub/from.html')).toThrow(
      expect.objectContaining({ name: 'TemplateNotFoundError', filename: 'sub/from.html', lineno: 2 }),
    )
  }
  expect(loader.load('inside.html').generate()).toBe('Héllo')
  expect(loader.load(join(root, 'utf8.html')).name).toBe('utf8.html')
  expect(loader.load('./sub/../utf8.html').name).toBe('utf8.html')
})

it('B-tpl-032 a template is compiled once under its resolved name, until reset', () => {
  const loader = new Loader(root)
  const template = loader.load('page.html')
  expect(loader.load('./page.html')).toBe(template)
  expect(loader.load('../page.html', 'sub/part.html')).toBe(template)
  write('base.html', '[{% block b %}{% end %}]')
  expect(loader.load('page.html')).toBe(template)
  loader.reset()
  expect(loader.load('page.html').generate()).toBe('[Héllo!]')
})

it('watch sees changes of every file that a template is made of', () => {
  const loader = new Loader(root, { watch: true })
  const template = loader.load('page.html')
  expect(template.files).toEqual(['page.html', 'base.html', 'sub/part.html', 'utf8.html'])
  expect(loader.watchedFiles().toSorted()).toEqual(
    ['base.html', 'page.html', 'sub/part.html', 'utf8.html'].map((name) => join(root, name)),
  )
  expect(loader.load('page.html')).toBe(template)
  write('utf8.html', 'changed')
  expect(loader.load('page.html').generate()).toBe('<changed!>')
  const before = loader.load('page.html')
  utimesSync(join(root, 'base.html'), 1, 1)
  expect(loader.load('page.html')).not.toBe(before)
  rmSync(join(root, 'sub/part.html'))
  expect(() => loader.load('page.html')).toThrow(
    'Cannot load the template "sub/part.html": there is none of that name at page.html:1',
  )
  write('sub/part.html', 'back')
  expect(loader.load('page.html').generate()).toBe('<back>')
})

it('says when it cannot read at all', () => {
  expect(() => new Loader(join(home, 'nowhere')).load('x.html')).toThrow(
    'Cannot load the template "x.html": there is none of that name',
  )
  // @ts-expect-error -- what JavaScript may pass
  expect(() => new Loader(root, { whitespace: 'most' })).toThrow('Unknown whitespace mode: most')
})

it('B-tpl-035 a dictionary has names with .. made short, and says which it lacks', () => {
  const templates = {
    'a/b/c.html': '{% include ../d.html %}',
    'a/d.html': '{% include "./../e.html" %}',
    'e.html': 'e',
  }
  for (const dict of [templates, new Map(Object.entries(templates))]) {
    const loader = new DictLoader(dict)
    expect(loader.load('a/b/c.html').generate()).toBe('e')
    expect(loader.resolvePath('../../x', 'a/b')).toBe('../x')
    for (const name of ['missing.html', '__proto__', 'constructor', 'toString', '../e.html']) {
      expect(() => loader.load(name)).toThrow(`Cannot load the template "${name}"`)
    }
  }
})

it('a loader of one’s own reads from wherever it likes', () => {
  const reads: string[] = []
  class Upper extends BaseLoader {
    override resolvePath(name: string): string {
      return name.toUpperCase()
    }

    protected override readTemplate(path: string): string {
      reads.push(path)
      return path === 'PART' ? 'part {{ x }}' : `${path} {% include part %}`
    }
  }
  const loader = new Upper({ namespace: { x: 1 } })
  expect(loader.load('page').generate()).toBe('PAGE part 1')
  expect(loader.load('PAGE').generate({ x: 2 })).toBe('PAGE part 2')
  expect(reads).toEqual(['PAGE', 'PART'])
})

it('a loader of compiled templates finds them by the same names', () => {
  const program = {
    name: 'a/b.html',
    isAsync: false,
    render: () => 'b',
    async *stream() {
      yield 'b'
    },
  }
  const loader = new CompiledLoader({ 'a/b.html': program })
  expect(loader.load('./b.html', 'a/c.html').generate()).toBe('b')
  expect(() => loader.load('b.html')).toThrow('Cannot load the template "b.html"')
  loader.reset()
  expect(loader.load('a/b.html').name).toBe('a/b.html')
})
