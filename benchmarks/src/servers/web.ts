import {
  Application,
  HTTPError,
  RequestHandler,
  type ApplicationRule,
  type HandlerClass,
} from '@tornado-ts/web'
import { routePrefixes, type AppSpec, type InputSpec, type StaticApp } from '../app-spec.ts'
import { receiptOf } from '../order.ts'
import { loopback } from '../server-program.ts'
import { makeStaticFile } from '../static-file.ts'

export async function serve(app: AppSpec | InputSpec | StaticApp): Promise<number> {
  const server = application(app).listen(0, { address: loopback })
  const { port } = await server.bound
  return port
}

function application(app: AppSpec | InputSpec | StaticApp): Application {
  if (app.kind === 'order') return new Application([['/order', OrderHandler]])
  if (app.kind === 'session') return new Application([['/me', MeHandler]], { cookieSecret: app.secret })
  if (app.kind === 'gzip') {
    return new Application([['/json', jsonHandler(app.document)]], { compressResponse: true })
  }
  if (app.kind !== 'static') return new Application(rules(app))
  makeStaticFile(app)
  return new Application([], { staticPath: app.directory })
}

function rules(app: AppSpec): ApplicationRule[] {
  if (app.kind === 'hello') return [['/', helloHandler(app.answer)]]
  if (app.kind === 'json') return [['/json', jsonHandler(app.document)]]
  if (app.kind === 'form') return [['/form', FormHandler]]
  return routePrefixes(app.count).map((prefix) => [`${prefix}(\\d+)`, ItemHandler])
}

function helloHandler(answer: string): HandlerClass {
  return class HelloHandler extends RequestHandler {
    override get(): void {
      this.write(answer)
    }
  }
}

function jsonHandler(document: object): HandlerClass {
  return class JsonHandler extends RequestHandler {
    override get(): void {
      this.write(document)
    }
  }
}

class FormHandler extends RequestHandler {
  override post(): void {
    this.write(`${this.getArgument('name').length} ${this.getArgument('text').length}`)
  }
}

class OrderHandler extends RequestHandler {
  override post(): void {
    const receipt = receiptOf(this.getJsonBody())
    if (receipt === null) throw new HTTPError(400)
    this.write(receipt)
  }
}

class MeHandler extends RequestHandler {
  override get(): void {
    const user = this.getSignedCookie('tornado')
    if (user === null) throw new HTTPError(403)
    this.write(user)
  }
}

class ItemHandler extends RequestHandler {
  override get(item: string): void {
    this.write(item)
  }
}
