import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { DictLoader } from './dict-loader.ts'
import { templateTrace } from './runtime/template-trace.ts'
import { Template, type TemplateOptions } from './template.ts'

const later = async <T>(value: T): Promise<T> => {
  await setImmediate()
  return value
}

async function* count(end: number): AsyncGenerator<number> {
  for (let n = 1; n <= end; n++) yield later(n)
}

async function generate(source: string, values: object = {}, options: TemplateOptions = {}): Promise<string> {
  return new Template<object>(source, options).generateAsync({ later, count, ...values })
}

async function pieces(
  source: string,
  values: object = {},
  options: { chunkSize?: number } = {},
): Promise<string[]> {
  const found: string[] = []
  const template = new Template<object>(source)
  for await (const piece of template.stream({ later, count, ...values }, options)) found.push(piece)
  return found
}

it('tornado#1610 templates that await answer promises; others stay as they are', async () => {
  expect(new Template('{{ x }}').isAsync).toBe(false)
  expect(new Template('{{ xs.map(async x => await x) }}').isAsync).toBe(false)
  const template = new Template('{{ await later("<") }}')
  expect(template.isAsync).toBe(true)
  expect(() => template.generate({ later })).toThrow(
    'Cannot generate <string> at once, for it awaits: use generateAsync',
  )
  await expect(template.generateAsync({ later })).resolves.toBe('&lt;')
  await expect(generate('{{ 1 }}')).resolves.toBe('1')
})

it('awaits wherever JavaScript stands', async () => {
  await expect(generate('{% raw await later("<") %}')).resolves.toBe('<')
  await expect(generate('{% set x = await later(1) %}{{ x }}')).resolves.toBe('1')
  await expect(generate('{% if await later(0) %}a{% elif await later(1) %}b{% end %}')).resolves.toBe('b')
  await expect(generate('{% for x in await later([1, 2]) %}{{ x }}{% end %}')).resolves.toBe('12')
  await expect(
    generate('{% while await later(i < 2) %}{{ i }}{% set i++ %}{% end %}', { i: 0 }),
  ).resolves.toBe('01')
  await expect(generate('{% apply await later %}{{ await later("<") }}{% end %}')).resolves.toBe('&lt;')
  await expect(
    generate('{% apply String %}{% apply String %}{{ await later(1) }}{% end %}{% end %}'),
  ).resolves.toBe('1')
  await expect(
    generate('{% apply String %}{% module await M(1) %}{% apply await later %}2{% end %}{% end %}', {
      _tt_modules: { M: later },
    }),
  ).resolves.toBe('12')
  await expect(generate('{% module await M("<") %}', { _tt_modules: { M: later } })).resolves.toBe('<')
  await expect(
    generate('{% try %}{{ await f() }}{% except %}caught{% end %}', {
      f: () => Promise.reject(new Error('no')),
    }),
  ).resolves.toBe('caught')
  await expect(generate('{{ 1 }}', {}, { autoescape: 'f', namespace: { f: () => 'escaped' } })).resolves.toBe(
    'escaped',
  )
})

it('goes through what comes in time, spelled either way', async () => {
  await expect(generate('{% for await n in count(3) %}{{ n }}{% end %}')).resolves.toBe('123')
  await expect(generate('{% async for n in count(2) %}{{ n }}{% else %}.{% end %}')).resolves.toBe('12.')
  await expect(
    generate('{% async for a, b in [[1, later(2)]] %}{{ a }}{{ await b }}{% end %}'),
  ).resolves.toBe('12')
})

it('a block that awaits makes its page await, and no other', async () => {
  const loader = new DictLoader({
    base: '{% block b %}{% end %}',
    page: '{% extends base %}{% block b %}{{ await x }}{% end %}',
  })
  expect(loader.load('base').isAsync).toBe(false)
  await expect(loader.load('page').generateAsync({ x: later(1) })).resolves.toBe('1')
})

it('an error behind an await names the line', async () => {
  const error: unknown = await generate('\n\n{{ await later(0) }}{{ nobody }}', {}, { name: 'p' }).catch(
    (reason) => reason,
  )
  expect(error).toMatchObject({ message: 'nobody is not defined at p:3' })
  expect(templateTrace(error)).toEqual([{ filename: 'p', lineno: 3, via: [] }])
})

it('a signal ends the work at once', async () => {
  const controller = new AbortController()
  const values = { forever: new Promise(() => {}), stop: () => controller.abort(new Error('gone')) }
  const template = new Template<object>('{% set stop() %}{{ await forever }}')
  await expect(template.generateAsync(values, { signal: controller.signal })).rejects.toThrow('gone')
  await expect(template.generateAsync(values, { signal: controller.signal })).rejects.toThrow('gone')
  let turns = 0
  const second = new AbortController()
  const loop = new Template<object>('{% while true %}{{ await turn() }}{% end %}')
  const turn = async (): Promise<void> => {
    await setImmediate()
    if (++turns === 3) second.abort()
  }
  await expect(loop.generateAsync({ turn }, { signal: second.signal })).rejects.toThrow('aborted')
  await setImmediate()
  await setImmediate()
  expect(turns).toBe(3)
})

it('a stream comes in pieces: at flush, when enough is there, at the end', async () => {
  expect(await pieces('a{% flush %}{% flush %}b{{ await later("c") }}{% flush %}d')).toEqual(['a', 'bc', 'd'])
  expect(
    await pieces('{% for x in xs %}{{ x }}{% end %}', { xs: [1, 2, 3, 4, 5] }, { chunkSize: 2 }),
  ).toEqual(['12', '34', '5'])
  expect(await pieces('{% for x in xs %}{{ x }}{% end %}', { xs: [1, 2] }, { chunkSize: Infinity })).toEqual([
    '12',
  ])
  expect(await pieces('{% while i < 40000 %}{{ "x" }}{% set i++ %}{% end %}', { i: 0 })).toEqual([
    'x'.repeat(16_384),
    'x'.repeat(16_384),
    'x'.repeat(7232),
  ])
  expect(
    await pieces(
      '{% apply String %}a{% flush %}b{% for x in [1] %}{% flush %}{% end %}{% end %}',
      {},
      { chunkSize: 0 },
    ),
  ).toEqual(['ab'])
  expect(await pieces('')).toEqual([])
  expect(new Template('a{% flush %}b').generate()).toBe('ab')
})

it('a stream waits for its reader, and ends with it', async () => {
  const seen: string[] = []
  const template = new Template<object>(
    '{% try %}{% for x in xs %}{{ see(x) }}{% flush %}{% end %}{% finally %}{{ see("end") }}{% end %}',
  )
  const see = (x: string): string => {
    seen.push(x)
    return x
  }
  for await (const piece of template.stream({ xs: ['a', 'b', 'c'], see })) {
    if (piece === 'b') break
    expect(seen).toEqual(['a'])
  }
  expect(seen).toEqual(['a', 'b', 'end'])
})

it('a stream ends with its signal, and with the error of its template', async () => {
  const controller = new AbortController()
  const stream = new Template<object>('{% while true %}x{% end %}').stream(
    {},
    { signal: controller.signal, chunkSize: 1 },
  )
  await expect(stream.next()).resolves.toEqual({ done: false, value: 'x' })
  controller.abort(new Error('gone'))
  await expect(stream.next()).rejects.toThrow('gone')
  const failing = new Template('a{% flush %}\n{{ nobody }}', { name: 'p' }).stream({})
  await expect(failing.next()).resolves.toEqual({ done: false, value: 'a' })
  await expect(failing.next()).rejects.toThrow('nobody is not defined at p:2')
})
