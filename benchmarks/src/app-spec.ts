/**
 * What a server has to serve in one case. It travels to the server's process as JSON, so that a server
 * in any language can read it.
 */
export type AppSpec = (HelloApp | JsonApp | FormApp | RoutesApp) & {
  /** The body (of JSON: one spelling of it) that answers the case's request; servers that look at nothing send it as is. */
  readonly answer: string
  /** Several requests arrive in one segment. Only a server that does not parse needs to know. */
  readonly pipelined: boolean
}

/** What a framework has to serve in one case beyond that, with what belongs to it. */
export type InputSpec = (OrderApp | SessionApp | GzipApp) & Pick<AppSpec, 'answer' | 'pipelined'>

/** `POST /order`, JSON, answers the receipt of `order.ts` as JSON, or 400. */
export interface OrderApp {
  readonly kind: 'order'
}

/** `GET /me` answers what stands in the signed cookie that is named after the server. */
export interface SessionApp {
  readonly kind: 'session'
  readonly secret: string
}

/** `GET /json` answers `document`, serialised and compressed with gzip anew each time. */
export interface GzipApp {
  readonly kind: 'gzip'
  readonly document: object
}

/** `GET /` answers the text `answer`. */
export interface HelloApp {
  readonly kind: 'hello'
}

/** `GET /json` answers `document`, serialised anew each time. */
export interface JsonApp {
  readonly kind: 'json'
  readonly document: object
}

/** `POST /form`, urlencoded, answers the lengths of the fields `name` and `text`: `7 23`. */
export interface FormApp {
  readonly kind: 'form'
}

/** `GET /section-NNNN/item/(\d+)` for NNNN from 1 to `count`, each a route of its own, answers the group. */
export interface RoutesApp {
  readonly kind: 'routes'
  readonly count: number
}

/** `GET /` of the Flask application of `flask_hello.py` answers the text `answer`; it runs in so many processes. */
export interface FlaskApp {
  readonly kind: 'flask'
  readonly processes: number
  readonly answer: string
}

/** What a server of bare sockets has to serve in one case: it sends back what it is sent. */
export type SocketApp = LinesApp | StreamApp

/** Each line when it is complete. */
export interface LinesApp {
  readonly kind: 'lines'
}

/** Bytes as they come, no faster than they are taken. */
export interface StreamApp {
  readonly kind: 'stream'
}

/** What a server of large bodies has to serve in one case; `size` is in bytes. */
export type TransferApp = UploadApp | DownloadApp

/** `POST /upload` answers how many bytes came. */
export interface UploadApp {
  readonly kind: 'upload'
  readonly size: number
}

/** `GET /download` answers so many bytes, chunked, and never holds more than a few of them. */
export interface DownloadApp {
  readonly kind: 'download'
  readonly size: number
}

/** `GET /static/NAME` answers the file of that name in `directory`; see `static-file.ts`. */
export interface StaticApp {
  readonly kind: 'static'
  readonly directory: string
  readonly name: string
  readonly size: number
}

/** What a template engine has to do in one case. It is asked over a socket: see `engine-server.ts`. */
export type EngineApp = TableApp | CompileApp

/** Renders a table of the rows of `table-rows.ts`, escaped, with a template that is compiled. */
export interface TableApp {
  readonly kind: 'table'
  readonly rows: number
}

/** Compiles a template that consists of so many tables. */
export interface CompileApp {
  readonly kind: 'compile'
  readonly tables: number
}

/** What a WebSocket server has to serve in one case: it sends each message back, compressed or not, or sends it to all. */
export interface WebSocketApp {
  readonly kind: 'ws-echo' | 'ws-deflate' | 'ws-broadcast'
}

/** What a client has to do in one case: to GET `size` bytes again and again, `concurrency` times at once. */
export interface FetchApp {
  readonly kind: 'fetch'
  readonly concurrency: number
  readonly size: number
}

/** What a server may have to serve. */
export type AnyApp =
  | AppSpec
  | InputSpec
  | SocketApp
  | TransferApp
  | StaticApp
  | EngineApp
  | WebSocketApp
  | FetchApp
  | FlaskApp

export type AppKind = AnyApp['kind']

/** The constant part of the n-th route's path, counted from 1: four digits, so that all paths are as long. */
export function routePrefix(n: number): string {
  return `/section-${String(n).padStart(4, '0')}/item/`
}

/** The constant parts of all routes, in the order in which they are to be tried. */
export function routePrefixes(count: number): string[] {
  return Array.from({ length: count }, (_, index) => routePrefix(index + 1))
}
