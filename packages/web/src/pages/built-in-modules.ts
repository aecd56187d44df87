import { linkify, type LinkifyOptions } from '@tornado-ts/escape'
import { UIModule } from './ui-module.ts'

/** `{% module linkify(text) %}`: text with its URLs as links. */
export class LinkifyModule extends UIModule {
  override render(text: string, options: LinkifyOptions = {}): string {
    return linkify(text, options)
  }
}

/** `{% module xsrfFormHtml() %}`: the hidden field that carries the token in a form. */
export class XsrfFormModule extends UIModule {
  override render(): string {
    return this.handler.xsrfFormHtml()
  }
}
