/** What an author types. */
export interface Draft {
  readonly title: string
  readonly markdown: string
}

/** An entry of the blog. Times are in ms since 1970. */
export interface Entry extends Draft {
  readonly id: number
  readonly authorId: number
  readonly authorName: string
  /** The entry's part of its URL; stays as it is when the title changes. */
  readonly slug: string
  /** The Markdown as HTML that is safe to show. */
  readonly html: string
  readonly publishedAt: number
  readonly updatedAt: number
}
