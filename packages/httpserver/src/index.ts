// Server
export { HTTPServer, type CloseOptions, type HTTPServerOptions } from './http-server.ts'
export type { RequestCallback, RequestTarget } from './request-target.ts'
export type { ProxyHeaderOptions } from './client-context.ts'

// Inside other servers
export { toNodeListener } from './hosted/node-listener.ts'
export { toFetchHandler, type FetchHandlerOptions } from './hosted/fetch-handler.ts'
export type { HostedOptions } from './hosted/hosted-options.ts'
