import { Application, RequestHandler, type ApplicationRule, type HandlerClass } from '@tornado-ts/web'
import { routePrefixes, type AppSpec, type StaticApp } from '../app-spec.ts'
import { loopback } from '../server-program.ts'
import { makeStaticFile } from '../static-file.ts'

export async function serve(app: AppSpec | StaticApp): Promise<number> {
  const server = application(app).listen(0, { address: loopback })
  const { port } = await server.bound
  return port
}

function application(app: AppSpec | StaticApp): Application {
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

class ItemHandler extends RequestHandler {
  override get(item: string): void {
    this.write(item)
  }
}
