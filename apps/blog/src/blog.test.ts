import { expectLog, serve, type ServedApplication } from '@tornado-ts/testing'
import { createSignedValue } from '@tornado-ts/web'
import { afterEach, describe, expect, it } from 'vitest'
import { makeApplication } from './application.ts'
import type { BlogSettings } from './settings.ts'
import { BlogStore } from './store/blog-store.ts'
import { Visitor } from '../../../scripts/vitest/visitor.ts'

const cookieSecret = 'a secret of this test'
let app: ServedApplication
let store: BlogStore

afterEach(async () => {
  await app?.close()
  store?.close()
})

async function open(settings: Partial<BlogSettings> = {}): Promise<Visitor> {
  store = new BlogStore(':memory:')
  const application = makeApplication({
    store,
    blogTitle: 'Whirls & "more"',
    siteUrl: null,
    openSignUp: false,
    cookieSecret,
    logFunction: () => {},
    ...settings,
  })
  app = await serve(application)
  return new Visitor(app, { formPath: '/auth/login' })
}

const ann = { email: 'ann@example.org', name: 'Ann <b>', password: 'correct horse' }

async function signUp(settings: Partial<BlogSettings> = {}): Promise<Visitor> {
  const visitor = await open(settings)
  expect((await visitor.post('/auth/create', ann)).code).toBe(303)
  return visitor
}

describe('authors', () => {
  it('B-demo-001 the first visitor signs up, is known by a signed cookie, leaves, and signs in again', async () => {
    const visitor = await open()
    const login = await visitor.get('/auth/login?next=/compose')
    expect([login.code, login.headers.get('Location')]).toEqual([302, '/auth/create?next=%2Fcompose'])
    await visitor.get('/')
    const signedUp = await visitor.post('/auth/create', { ...ann, next: '/compose' })
    expect([signedUp.code, signedUp.headers.get('Location')]).toEqual([303, '/compose'])
    const cookie = signedUp.headers.getList('Set-Cookie').find((line) => line.startsWith('blog_author='))!
    expect(cookie).toMatch(/^blog_author="?2\|.*HttpOnly.*SameSite=Lax/i)
    expect(store.authorByEmail(ann.email)!.password).toMatch(/^scrypt:/)
    expect((await visitor.get('/compose')).code).toBe(200)

    expect((await visitor.post('/auth/logout', {})).code).toBe(303)
    const away = await visitor.get('/compose')
    expect([away.code, away.headers.get('Location')]).toEqual([302, '/auth/login?next=%2Fcompose'])

    const wrong = await visitor.post('/auth/login', { email: ann.email, password: 'correct horsf' })
    expect([wrong.code, wrong.text().includes('Address or password is wrong.')]).toEqual([400, true])
    const unknown = await visitor.post('/auth/login', { email: 'x@example.org', password: ann.password })
    expect([unknown.code, visitor.cookies.has('blog_author')]).toEqual([400, false])
    const back = await visitor.post('/auth/login', {
      email: 'ANN@example.org',
      password: ann.password,
      next: 'https://evil.example/',
    })
    expect([back.code, back.headers.get('Location')]).toEqual([303, '/'])
    expect((await visitor.get('/compose')).code).toBe(200)
  })

  it('a forged cookie is nobody, and forms need the token', async () => {
    using _log = expectLog('tornado', /POST \/|403|blog_author|signature/i, { required: false })
    const visitor = await signUp()
    const forged = visitor.cookies.get('blog_author')!.replace(/.{4}"?$/, '0000')
    visitor.cookies.set('blog_author', forged)
    expect((await visitor.get('/compose')).code).toBe(302)
    expect((await visitor.post('/auth/login', { ...ann, _xsrf: 'other' })).code).toBe(403)
  })

  it('others sign up only when the blog is open to them, each address once', async () => {
    await signUp()
    using _log = expectLog('tornado', /403/, { required: false })
    const other = new Visitor(app, { formPath: '/auth/login' })
    await other.get('/')
    expect((await other.get('/auth/create')).code).toBe(403)
    expect((await other.get('/auth/login')).text()).not.toContain('/auth/create')
    expect((await other.post('/auth/create', { ...ann, email: 'bob@example.org' })).code).toBe(403)
    await app.close()
    store.close()

    await signUp({ openSignUp: true })
    const another = new Visitor(app, { formPath: '/auth/login' })
    const login = (await another.get('/auth/login?next=/compose')).text()
    expect(login).toContain('"/auth/create?next=%2Fcompose"')
    // Who signs in there does not come back to that page.
    expect(login).toContain('"/auth/login?next=%2F"')
    const again = await another.post('/auth/create', ann)
    expect([again.code, again.text().includes('There is an author with that address.')]).toEqual([400, true])
  })

  it('says what is wrong with a form, and keeps what was typed', async () => {
    const visitor = await open()
    await visitor.get('/auth/create')
    for (const [fields, problem] of [
      [{ email: 'nobody' }, 'That is no mail address.'],
      [{ name: '' }, 'A name has 1 to 80 characters.'],
      [{ password: 'short' }, 'A password has 10 to 200 characters.'],
    ] as const) {
      const response = await visitor.post('/auth/create', { ...ann, ...fields })
      expect([response.code, response.text().includes(problem)]).toEqual([400, true])
    }
    const kept = await visitor.post('/auth/create', { ...ann, password: '' })
    expect(kept.text()).toContain('value="Ann &lt;b&gt;"')
  })
})

/** An author who is logged in; without the time that a password takes. */
async function enter(settings: Partial<BlogSettings> = {}): Promise<Visitor> {
  const visitor = await open(settings)
  const { id } = store.addAuthor({ ...ann, password: 'none' })!
  visitor.cookies.set('blog_author', createSignedValue(cookieSecret, 'blog_author', String(id)))
  return visitor
}

describe('entries', () => {
  it('B-demo-001 an author writes in Markdown; readers see it, with what could run as text', async () => {
    const visitor = await enter()
    const empty = await visitor.get('/')
    expect(empty.text()).toContain('There are no entries yet.')
    const markdown =
      '# Über\n\n*Hello* <script>alert(1)</script>\n\n[a](javascript:alert(1)) https://example.org\n'
    const posted = await visitor.post('/compose', { title: 'Été & <i>', markdown })
    expect([posted.code, posted.headers.get('Location')]).toEqual([303, '/entry/ete-i'])

    const reader = new Visitor(app, { formPath: '/auth/login' })
    const page = (await reader.get('/entry/ete-i')).text()
    expect(page).toContain('<title>Été &amp; &lt;i&gt; – Whirls &amp; &quot;more&quot;</title>')
    expect(page).toContain('<h1>Über</h1>\n<p><em>Hello</em> &lt;script&gt;alert(1)&lt;/script&gt;</p>')
    expect(page).toContain('<p>[a](javascript:alert(1)) <a href="https://example.org">')
    expect(page).toContain('by Ann &lt;b&gt;')
    expect(page).toMatch(/<link[^>]*\/static\/entry\.css\?v=\w+[^>]*>/)
    expect(page).not.toContain('/compose?id=')
    expect((await visitor.get('/')).text()).toContain('/compose?id=1')
    expect((await reader.get('/archive')).text()).toContain('<a href="/entry/ete-i">Été &amp; &lt;i&gt;</a>')
    expect((await reader.get('/entry/none')).code).toBe(404)
  })

  it('B-demo-001 an entry is changed by its author alone, and stays where it is', async () => {
    using _log = expectLog('tornado', /403/, { required: false })
    const visitor = await enter()
    await visitor.post('/compose', { title: 'First', markdown: 'one\n\n    code' })
    const form = (await visitor.get('/compose?id=1')).text()
    expect(form).toMatch(/<textarea[^>]*>\none\r?\n\r?\n {4}code<\/textarea>/)
    const changed = await visitor.post('/compose', { id: '1', title: 'Second', markdown: '**two**' })
    expect(changed.headers.get('Location')).toBe('/entry/first')
    expect((await visitor.get('/entry/first')).text()).toContain('<strong>two</strong>')

    const other = store.addAuthor({
      ...ann,
      email: 'bob@example.org',
      password: 'none',
    })!
    const { id } = store.addEntry(other.id, { title: 'Bob', markdown: 'three' })
    expect((await visitor.post('/compose', { id: String(id), title: 'x', markdown: 'x' })).code).toBe(403)
    expect((await visitor.get('/compose?id=99')).code).toBe(404)
    expect((await visitor.get('/compose?id=x')).code).toBe(404)
    expect(store.entry(id)!.title).toBe('Bob')
  })

  it('refuses what nobody is logged in for, and what has no title or text', async () => {
    using _log = expectLog('tornado', /403/, { required: false })
    const visitor = await enter()
    const missing = await visitor.post('/compose', { title: ' ', markdown: 'typed' })
    expect([missing.code, missing.text().includes('typed</textarea>')]).toEqual([400, true])
    expect((await visitor.post('/compose', { title: 'x', markdown: 'y'.repeat(100_001) })).code).toBe(400)
    const reader = new Visitor(app, { formPath: '/auth/login' })
    expect((await reader.post('/compose', { title: 'a', markdown: 'b' })).code).toBe(403)
    expect(store.all()).toEqual([])
  })
})

describe('the feed', () => {
  it('B-demo-001 is Atom, with dates and escaped text', async () => {
    const visitor = await enter({ siteUrl: 'https://blog.example' })
    const author = store.authorByEmail(ann.email)!.id
    store.addEntry(author, { title: 'A < B\u0001', markdown: 'x & `<y>`' }, Date.UTC(2026, 10, 5, 7, 8, 9))
    store.addEntry(author, { title: '日本', markdown: ']]>' }, Date.UTC(2026, 10, 6))
    store.changeEntry(1, { title: 'A < B\u0001', markdown: 'x & `<y>`' }, Date.UTC(2026, 10, 7))
    const feed = await visitor.get('/feed')
    expect(feed.headers.get('Content-Type')).toBe('application/atom+xml; charset=UTF-8')
    const text = feed.text()
    expect(
      text.startsWith('<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">'),
    ).toBe(true)
    expect(text).toContain(
      '<title>Whirls &amp; &quot;more&quot;</title>\n  <id>https://blog.example/</id>\n  <updated>2026-11-07T00:00:00.000Z</updated>',
    )
    expect(text).toContain('<title>A &lt; B</title>\n    <id>https://blog.example/entry/a-b</id>')
    expect(text).toContain(
      '<published>2026-11-05T07:08:09.000Z</published>\n    <updated>2026-11-07T00:00:00.000Z</updated>',
    )
    expect(text).toContain(
      '<content type="html">&lt;p&gt;x &amp;amp; &lt;code&gt;&amp;lt;y&amp;gt;&lt;/code&gt;&lt;/p&gt;',
    )
    expect(text).toContain('<id>https://blog.example/entry/%E6%97%A5%E6%9C%AC</id>')
    expect(text.match(/<entry>/g)).toHaveLength(2)
    expect((await visitor.get('/entry/%E6%97%A5%E6%9C%AC')).code).toBe(200)
  })

  it('is valid without an entry', async () => {
    const visitor = await open()
    expect((await visitor.get('/feed')).text()).toContain('<updated>1970-01-01T00:00:00.000Z</updated>')
  })
})
