import { Application, RequestHandler, type ApplicationRule, type HandlerClass } from '@tornado-ts/web'
import { routePrefixes, type AppSpec } from '../app-spec.ts'
import { loopback, type Serve } from '../server-program.ts'

export const serve: Serve = async (app) => {
  const server = new Application(rules(app)).listen(0, { address: loopback })
  const { port } = await server.bound
  return port
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
