/** A post of the stream. */
export interface Post {
  readonly id: string
  readonly author: string
  readonly message: string
  readonly link: string | null
  readonly createdAt: Date | null
}

/** The posts in the Graph API's answer; what is no post is left out. */
export function postsOf(answer: unknown): Post[] {
  const { data } = (answer ?? {}) as { data?: unknown }
  return Array.isArray(data) ? data.flatMap(toPost) : []
}

function toPost(item: unknown): Post[] {
  if (typeof item !== 'object' || item === null) return []
  const { id, from, message, story, link, created_time: created } = item as Record<string, unknown>
  const text = message ?? story
  if (typeof id !== 'string' || typeof text !== 'string') return []
  const author = (from as { name?: unknown } | null | undefined)?.name
  const createdAt = new Date(typeof created === 'string' ? created.replace(/\+0000$/, 'Z') : NaN)
  return [
    {
      id,
      author: typeof author === 'string' ? author : '',
      message: text,
      // A page of ours leads to web pages alone, whatever the stream says.
      link: typeof link === 'string' && /^https?:\/\//i.test(link) ? link : null,
      createdAt: Number.isNaN(createdAt.getTime()) ? null : createdAt,
    },
  ]
}
