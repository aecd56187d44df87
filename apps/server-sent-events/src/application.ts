import { Application, EventSourceHandler, HTTPError, RequestHandler } from '@tornado-ts/web'
import type { Board, News } from './board.ts'
import { page } from './page.ts'

interface Settings {
  readonly board: Board
}

class PageHandler extends RequestHandler<Settings> {
  override get(): void {
    // Sets the cookie that the page's script sends back.
    void this.xsrfToken
    this.setHeader(
      'Content-Security-Policy',
      "default-src 'self' 'unsafe-inline'; img-src data:; frame-ancestors 'none'",
    )
    this.write(page)
  }
}

class NewsHandler extends EventSourceHandler<Settings> {
  override open(): void {
    const { board } = this.settings
    const tell = ({ id, text }: News): void => {
      // Rejects when the page has gone; then `signal` fires, and nothing more is told.
      this.send({ id: String(id), data: text }).catch(() => undefined)
    }
    board.watch(tell, this.signal)
    const missed = board.since(Number(this.lastEventId ?? 0))
    missed.forEach(tell)
  }
}

class PostHandler extends RequestHandler<Settings> {
  override post(): void {
    const text = this.getBodyArgument('text')
    if (text === '' || text.length > 500) throw new HTTPError(400, 'The text must have 1 to 500 characters')
    this.settings.board.post(text)
    this.setStatus(204)
  }
}

/** `/` is a page of the news, `/news` the events, `/post` takes the field `text`. */
export function makeApplication(board: Board): Application<Settings> {
  return new Application<Settings>(
    [
      ['/', PageHandler],
      ['/news', NewsHandler],
      ['/post', PostHandler],
    ],
    { board, xsrfCookies: true, compressResponse: true },
  )
}
