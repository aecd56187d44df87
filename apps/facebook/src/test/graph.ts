import { serve, type ServedApplication } from '@tornado-ts/testing'
import { Application, RequestHandler } from '@tornado-ts/web'

/** A Facebook of the tests' own: one user, whose stream holds what was posted. */
export class Graph implements AsyncDisposable {
  readonly posts: object[] = []
  /** When `true`, it knows the access token no more. */
  refuses = false
  #app: ServedApplication | null = null

  static async serve(): Promise<Graph> {
    const graph = new Graph()
    const isKnown = (handler: RequestHandler): boolean => {
      if (!graph.refuses && handler.request.headers.get('Authorization') === 'Bearer token-1') return true
      handler.setStatus(401)
      return false
    }
    class TokenHandler extends RequestHandler {
      override get(): void {
        const isRight =
          this.getArgument('code') === 'code-1' && this.getArgument('client_secret') === 'secret'
        this.setStatus(isRight ? 200 : 400)
        this.write(isRight ? { access_token: 'token-1', expires_in: 3600 } : { error: { message: 'no' } })
      }
    }
    class MeHandler extends RequestHandler {
      override get(): void {
        if (isKnown(this)) this.write({ id: '7', name: 'Ann <b>' })
      }
    }
    class FeedHandler extends RequestHandler {
      override get(): void {
        if (isKnown(this)) this.write({ data: graph.posts })
      }

      override post(): void {
        if (!isKnown(this)) return
        graph.posts.unshift({
          id: String(graph.posts.length),
          from: { name: 'Ann <b>' },
          message: this.getBodyArgument('message'),
          created_time: '2026-11-05T07:08:09+0000',
        })
        this.write({ id: 'new' })
      }
    }
    const rules = [
      ['/token', TokenHandler],
      ['/me', MeHandler],
      ['/me/feed', FeedHandler],
    ] as const
    graph.#app = await serve(new Application([...rules], { logFunction: () => {} }))
    return graph
  }

  get url(): string {
    return this.#app!.url
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#app?.close()
  }
}
