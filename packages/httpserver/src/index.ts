export { HTTPServer, type HTTPServerOptions, type RequestCallback } from './http-server.ts'
