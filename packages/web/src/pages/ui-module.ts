import type { Locale } from '@tornado-ts/locale'
import type { HTTPServerRequest } from '@tornado-ts/httputil'
import { renderWithin } from './render-within.ts'
import type { RequestHandler } from '../request-handler.ts'
import type { UserInterface } from './user-interface.ts'

/** What a module answers: HTML, or a promise of it for `{% module await Name() %}`. */
export type UIModuleOutput = string | Uint8Array | Promise<string | Uint8Array>

/**
 * A part of pages that brings the style sheets and scripts it needs: `{% module Entry(entry) %}` in a template.
 *
 * One is made for each request and name; its `render` may be called many times. What the other methods answer is put into the page
 * once, when it is rendered whole. All of it is HTML and is not escaped.
 *
 * Tornado: web.UIModule.
 */
export abstract class UIModule<Settings extends object = object> {
  readonly handler: RequestHandler<Settings>
  readonly request: HTTPServerRequest

  constructor(handler: RequestHandler<Settings>) {
    this.handler = handler
    this.request = handler.request
  }

  /** The methods and modules that templates of this handler know. */
  get ui(): UserInterface {
    return this.handler.ui
  }

  get locale(): Locale {
    return this.handler.locale
  }

  get currentUser(): unknown {
    return this.handler.currentUser
  }

  /** The HTML that stands in place of the directive. */
  abstract render(...args: never[]): UIModuleOutput

  /** JavaScript for a script at the end of the body. @default none */
  embeddedJavascript(): string | null {
    return null
  }

  /** URLs or static paths of scripts for the end of the body. @default none */
  javascriptFiles(): string | Iterable<string> | null {
    return null
  }

  /** CSS for a style sheet in the head. @default none */
  embeddedCss(): string | null {
    return null
  }

  /** URLs or static paths of style sheets for the head. @default none */
  cssFiles(): string | Iterable<string> | null {
    return null
  }

  /** HTML for the end of the head. @default none */
  htmlHead(): string | null {
    return null
  }

  /** HTML for the end of the body. @default none */
  htmlBody(): string | null {
    return null
  }

  /** A template as text, with the names that the handler's templates know. */
  renderString(path: string, values: object = {}): string {
    return renderWithin(this.handler, path, values, UIModule.prototype.renderString)
  }
}
