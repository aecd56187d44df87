// Server
export { HTTPServer, type CloseOptions, type HTTPServerOptions, type RequestCallback } from './http-server.ts'
export type { ProxyHeaderOptions } from './client-context.ts'
