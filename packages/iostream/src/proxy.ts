// Which proxy
export {
  parseProxyUrl,
  resolveProxy,
  type Proxy,
  type ProxyProtocol,
  type ProxySelector,
  type ProxySetting,
  type ProxyTarget,
} from './proxy/proxy-setting.ts'
export { proxyFromEnvironment, type ProxyEnvironment } from './proxy/proxy-from-environment.ts'

// Authentication
export { DigestSession } from './proxy/digest-session.ts'
export { parseChallenges, type AuthenticationChallenge } from './proxy/authentication-challenge.ts'

// Errors
export { ProxyError } from './errors.ts'
