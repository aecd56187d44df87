import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shortenNames } from './short-names.ts'

const load = (source) => import(`data:text/javascript,${encodeURIComponent(source)}`)

test('shortens variables, parameters and private fields', () => {
  const short = shortenNames(
    `export class Box{#content;constructor(content){this.#content=content}get(){const copy=this.#content;return copy}}`,
  )
  assert.doesNotMatch(short, /content|copy/)
  assert.match(short, /class Box/)
})

test('keeps the names that stand in stack traces, and what the module does', async () => {
  const source = `var Box=class _Box{static#made=0;#items=[];#push(item){this.#items.push(item);return this}
async#fail(){throw new Error(helper(this))}get#size(){return this.#items.length}static make(...items){_Box.#made++;
let box=new _Box();for(const item of items)box.#push(item);return box}count(){return this.#size}run(){return this.#fail()}
static count(){return _Box.#made}};function helper(box){return \`\${box.count()} items\`}export{Box as Case};`
  const short = shortenNames(source)
  for (const name of ['#push', '#fail', '#size', 'helper', 'class Box']) assert.ok(short.includes(name), name)
  const { Case } = await load(short)
  assert.equal(Case.name, 'Box')
  const box = Case.make(1, 2)
  assert.equal(Case.count(), 1)
  await assert.rejects(box.run(), (error) => {
    assert.equal(error.message, '2 items')
    assert.match(error.stack, /at #fail .*\n +at Box\.run /)
    return true
  })
})

test('begins a line about every 120 characters, and never within a statement', async () => {
  const body = Array.from({ length: 100 }, (_, index) => `sum+=${index};if(sum<0)return;else sum+=0;`).join(
    '',
  )
  const short = shortenNames(`export function add(){let sum=0;${body}return sum}`)
  const lines = short.trimEnd().split('\n')
  assert.ok(lines.length > 20)
  for (const line of lines) assert.ok(line.length <= 120, line)
  const { add } = await load(short)
  assert.equal(add(), 4950)
})

test('does not touch text that looks like names', async () => {
  const short = shortenNames(
    'export class A{#b(){return "#b _A"}c(){return this.#b()+`#b ${1}`}}export const d=/#b/.source',
  )
  const { A, d } = await load(short)
  assert.equal(new A().c(), '#b _A#b 1')
  assert.equal(d, '#b')
})

test('leaves asking for a private name as it is', async () => {
  const { A } = await load(
    shortenNames(
      'export class A{#field=1;#method(){return this.#field}static is(a){return #field in a&&#method in a&&a.#method()===1}}',
    ),
  )
  assert.equal(A.is(new A()), true)
  assert.equal(A.is({}), false)
})
