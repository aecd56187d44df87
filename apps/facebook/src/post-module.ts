import { UIModule } from '@tornado-ts/web'
import type { Post } from './post.ts'

const format = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })

/** A post in the stream. */
export class PostModule extends UIModule {
  override render(post: Post): string {
    const { createdAt } = post
    return this.renderString('modules/post.html', {
      post,
      shown: createdAt === null ? '' : format.format(createdAt),
    })
  }

  override cssFiles(): string {
    return 'post.css'
  }
}
