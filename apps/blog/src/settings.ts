import type { BlogStore } from './store/blog-store.ts'

/** What the handlers of the blog work with. */
export interface BlogSettings {
  readonly store: BlogStore
  readonly blogTitle: string
  /** Where readers find the blog, such as `https://blog.example`; `null` for where a request says it came. */
  readonly siteUrl: string | null
  /** Lets others sign up when there is an author. */
  readonly openSignUp: boolean
}
