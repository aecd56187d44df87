// Which proxy
export {
  parseProxyUrl,
  resolveProxy,
  type Proxy,
  type ProxyProtocol,
  type ProxySelector,
  type ProxySetting,
  type ProxyTarget,
} from './proxy-setting.ts'
export { proxyFromEnvironment, type ProxyEnvironment } from './proxy-from-environment.ts'

// Authentication
export { DigestSession } from './digest-session.ts'
export { parseChallenges, type AuthenticationChallenge } from './authentication-challenge.ts'

// Errors
export { ProxyError } from './errors.ts'
