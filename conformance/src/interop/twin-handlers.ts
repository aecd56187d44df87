// The twins of twin-handlers.py, on this project.
import {
  addslash,
  Application,
  authenticated,
  ErrorHandler,
  Finish,
  GZipContentEncoding,
  HTTPError,
  RedirectHandler,
  removeslash,
  RequestHandler,
  type ApplicationRule,
  type ApplicationSettings,
  type HandlerResult,
} from '@tornado-ts/web'

class Hello extends RequestHandler {
  override get(): void {
    this.write('Hello, world')
  }
}

class Json extends RequestHandler {
  override get(): void {
    this.write({ text: 'grüß </script>', list: [1, 2.5, null, true], object: {} })
  }
}

class Arguments extends RequestHandler {
  override get(): void {
    this.write({
      a: this.getArgument('a'),
      b: this.getArguments('b'),
      c: this.getArgument('c', 'none'),
      raw: this.getQueryArgument('a', '', { strip: false }),
    })
  }
}

class Form extends RequestHandler {
  override post(): void {
    this.write({
      a: this.getBodyArgument('a', null),
      all: this.getArguments('a'),
      query: this.getQueryArguments('a'),
    })
  }
}

class Redirect extends RequestHandler {
  override get(): void {
    this.redirect(this.getArgument('to'), { permanent: this.getArgument('for', '') === 'ever' })
  }

  override post(): void {
    this.redirect('/hello', { status: 303 })
  }
}

class Cookies extends RequestHandler {
  override get(): void {
    this.write(this.getCookie('name', 'nobody'))
    this.setCookie('plain', '1')
    this.setCookie('quoted', 'a b;c')
    this.setCookie('dated', 'x', { expiresDays: 1, path: '/p' })
    this.setCookie('all', 'x', { domain: 'a.example', httpOnly: true, secure: true, sameSite: 'Lax' })
    this.setCookie('plain', '2')
    this.clearCookie('old', { path: '/p', domain: 'a.example' })
  }
}

class Signed extends RequestHandler {
  override get(): void {
    this.setSignedCookie('two', 'value')
    this.setSignedCookie('one', 'value', { version: 1, expiresDays: null })
  }

  override post(): void {
    for (const name of ['two', 'one', 'forged']) {
      this.write(`${this.getSignedCookie(name)?.toString() ?? 'none'} `)
    }
  }
}

class Xsrf extends RequestHandler {
  override get(): void {
    this.write(`<form>${this.xsrfFormHtml()}</form>`)
  }

  override post(): void {
    this.checkXsrfCookie()
    this.write('posted')
  }
}

class Failing extends RequestHandler {
  override get(kind: string): void {
    switch (kind) {
      case 'status':
        throw new HTTPError(404)
      case 'reason':
        throw new HTTPError(403, 'logged only', { reason: 'Not For <You>' })
      case 'plain-reason':
        throw new HTTPError(403, 'logged only', { reason: 'Not For You & Me' })
      case 'unknown':
        throw new HTTPError(477)
      case 'exception':
        this.setHeader('X-Lost', '1')
        this.write('lost')
        throw new Error('boom')
      case 'send':
        this.sendError(503)
        break
      case 'finish':
        this.setHeader('X-Kept', '1')
        this.setStatus(402)
        this.write('kept')
        throw new Finish()
    }
  }
}

class OwnError extends RequestHandler {
  override get(): void {
    throw new HTTPError(409)
  }

  override writeError(status: number): void {
    void this.finish({ status })
  }
}

class Etag extends RequestHandler {
  override get(kind: string): void {
    if (kind === 'own') {
      this.setHeader('Etag', '"own"')
      if (this.checkEtagHeader()) {
        this.setStatus(304)
        return
      }
    }
    this.write('tagged')
  }

  override computeEtag(): string {
    return 'W/"weak"'
  }
}

class NoEtag extends RequestHandler {
  override get(): void {
    this.write('untagged')
  }

  override computeEtag(): null {
    return null
  }
}

class Head extends RequestHandler {
  override head(): void {
    this.setHeader('Content-Length', 5)
  }

  override get(): void {
    this.write('12345')
  }
}

class Stream extends RequestHandler {
  override async get(): Promise<void> {
    for (let i = 0; i < 3; i++) {
      this.write(`piece ${i} `)
      await this.flush()
    }
    this.write('end')
  }
}

class StaticUrl extends RequestHandler {
  override get(): void {
    this.write(`${this.staticUrl('a.txt')} ${this.staticUrl('a.txt', true)}`)
  }
}

class Private extends RequestHandler {
  override getCurrentUser(): string | undefined {
    return this.getCookie('user')
  }

  override get: () => HandlerResult = authenticated(function (this: Private): void {
    this.write(`for ${String(this.currentUser)}`)
  })

  override post: () => HandlerResult = authenticated(function (this: Private): void {
    this.write('done')
  })
}

class Slash extends RequestHandler {
  override get: () => HandlerResult = addslash(function (this: Slash): void {
    this.write('slash')
  })
}

class Bare extends RequestHandler {
  override get: () => HandlerResult = removeslash(function (this: Bare): void {
    this.write('bare')
  })
}

class Path extends RequestHandler {
  override get(first: string, second: string | null): void {
    this.write({ args: [first, second] })
  }
}

class Named extends RequestHandler {
  override get({ year, word }: { year: string; word: string | null }): void {
    this.write({ year, word })
  }
}

class Upload extends RequestHandler {
  override post(): void {
    const files = [...this.request.files].flatMap(([name, all]) =>
      all.map(({ filename, contentType, body }) => [
        name,
        filename,
        contentType,
        Buffer.from(body).toString('latin1'),
      ]),
    )
    this.write({ files, a: this.getBodyArguments('a') })
  }
}

class Headers extends RequestHandler {
  override get(): void {
    this.setHeader('X-Number', 42)
    this.setHeader('X-Date', new Date(Date.UTC(2020, 1, 2, 20, 20, 20)))
    this.setHeader('x-lower-case', 'kept or not')
    this.addHeader('X-Several', '1')
    this.addHeader('X-Several', '2')
    this.setHeader('X-Gone', '1')
    this.clearHeader('X-Gone')
    this.setHeader('Content-Type', 'text/x')
    this.setStatus(299, 'Quite Fine')
    this.write('x')
  }
}

class Empty extends RequestHandler {
  override get(): void {
    this.setStatus(204)
  }

  override delete(): void {
    this.setStatus(204)
    this.setHeader('Content-Type', 'text/x')
  }
}

class Defaults extends RequestHandler {
  override setDefaultHeaders(): void {
    this.setHeader('X-Default', '1')
    this.setHeader('Server', 'Own')
  }

  override get(): void {
    this.setHeader('X-More', '1')
    if (this.getArgument('fail', '') !== '') throw new HTTPError(400)
    this.clear()
    this.write('cleared')
  }
}

class Facts extends RequestHandler {
  override get(): void {
    const { request: r } = this
    this.write({
      facts: [r.method, r.uri, r.path, r.query, r.version, r.protocol, r.host],
      more: [r.hostName, r.fullUrl(), r.remoteIp],
      several: r.headers.getList('X-A'),
      joined: r.headers.get('X-A') ?? null,
    })
  }
}

class Large extends RequestHandler {
  override get(): void {
    this.setHeader('Content-Type', this.getArgument('type', 'text/plain'))
    this.write('compress me '.repeat(500))
  }
}

const rules: readonly ApplicationRule[] = [
  ['/hello', Hello],
  ['/json', Json],
  ['/arguments', Arguments],
  ['/form', Form],
  ['/redirect', Redirect],
  ['/cookies', Cookies],
  ['/signed', Signed],
  ['/xsrf', Xsrf],
  ['/error/(.*)', Failing],
  ['/own-error', OwnError],
  ['/etag/(.*)', Etag],
  ['/no-etag', NoEtag],
  ['/head', Head],
  ['/stream', Stream],
  ['/static-url', StaticUrl],
  ['/private', Private],
  ['/slash/?', Slash],
  ['/bare/?', Bare],
  ['/path/([^/]*)(?:/(.*))?', Path],
  ['/named/(?<year>[0-9]+)(?:/(?<word>.*))?', Named],
  ['/upload', Upload],
  ['/headers', Headers],
  ['/empty', Empty],
  ['/defaults', Defaults],
  ['/facts', Facts],
  ['/large', Large],
  ['/moved/(.*)', RedirectHandler, { url: '/to/{0}' }],
  ['/moved-so', RedirectHandler, { url: '/so?x=1', permanent: false }],
  ['/gone', ErrorHandler, { statusCode: 410 }],
]

/** Handlers and settings as in Python; `gzip` with compression besides. */
export function twinApplication(
  app: 'plain' | 'gzip',
  { staticPath, cookieSecret }: { staticPath: string; cookieSecret: string },
): Application {
  const settings: ApplicationSettings = {
    staticPath,
    cookieSecret,
    loginUrl: '/login',
    xsrfCookieVersion: 1,
    logFunction: () => {},
    ...(app === 'gzip' ? { transforms: [GZipContentEncoding] } : {}),
  }
  return new Application(rules, settings)
}
