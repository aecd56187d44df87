import { authenticated, HTTPError } from '@tornado-ts/web'
import type { Draft, Entry } from '../store/entry.ts'
import { Page } from './page.ts'

const maxTitleLength = 200
const maxMarkdownLength = 100_000

/** `/compose`: writes an entry, or with `id` changes one. */
export class ComposeHandler extends Page {
  override get = authenticated(function (this: ComposeHandler): void {
    const entry = this.#ownEntry()
    this.#ask(entry ?? { title: '', markdown: '' }, entry, null)
  })

  override post = authenticated(function (this: ComposeHandler): void {
    const { store } = this.settings
    const entry = this.#ownEntry()
    const draft = { title: this.getBodyArgument('title', ''), markdown: this.getBodyArgument('markdown', '') }
    const problem = findProblem(draft)
    if (problem !== null) {
      this.setStatus(400)
      this.#ask(draft, entry, problem)
      return
    }
    if (entry !== null) store.changeEntry(entry.id, draft)
    const { slug } = entry ?? store.addEntry(this.author!.id, draft)
    this.redirect(this.reverseUrl('entry', slug), { status: 303 })
  })

  /** The entry that `id` names; `null` without one. */
  #ownEntry(): Entry | null {
    const id = this.getArgument('id', '')
    if (id === '') return null
    const entry = /^\d{1,15}$/.test(id) ? this.settings.store.entry(Number(id)) : null
    if (entry === null) throw new HTTPError(404)
    if (entry.authorId !== this.author!.id) throw new HTTPError(403)
    return entry
  }

  #ask(draft: Draft, entry: Entry | null, problem: string | null): void {
    void this.render('compose.html', { draft, entry, problem, maxTitleLength, maxMarkdownLength })
  }
}

function findProblem({ title, markdown }: Draft): string | null {
  if (title === '') return 'An entry needs a title.'
  if (title.length > maxTitleLength) return `A title has at most ${maxTitleLength} characters.`
  if (markdown === '') return 'An entry needs a text.'
  if (markdown.length > maxMarkdownLength) return `A text has at most ${maxMarkdownLength} characters.`
  return null
}
