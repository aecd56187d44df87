import { appLog } from '@tornado-ts/log'
import { fileURLToPath } from 'node:url'
import { nearestName } from './nearest-name.ts'
import type { ApplicationSettings } from './settings.ts'

/** What the value of a setting must be, and what to call that. */
interface Kind {
  readonly words: string
  readonly fits: (value: unknown) => boolean
}

const isFunction = (value: unknown): boolean => typeof value === 'function'
const isText = (value: unknown): boolean => typeof value === 'string'
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null

const flag: Kind = { words: 'true or false', fits: (value) => typeof value === 'boolean' }
const text: Kind = { words: 'text', fits: isText }
const path: Kind = {
  words: 'the path of a directory, or its file: URL',
  fits: (value) => (isText(value) && value !== '') || (value instanceof URL && value.protocol === 'file:'),
}
const callable: Kind = { words: 'a function', fits: isFunction }
const handler: Kind = { words: 'a class of handlers', fits: isFunction }
const object: Kind = { words: 'an object', fits: (value) => isObject(value) && !Array.isArray(value) }
const table: Kind = { words: 'an object or a list', fits: isObject }
const integer: Kind = { words: 'an integer', fits: Number.isSafeInteger }
const count: Kind = {
  words: 'a number that is not negative',
  fits: (value) => typeof value === 'number' && value >= 0,
}
const oneOf = (...values: unknown[]): Kind => ({
  words: values.map((value) => JSON.stringify(value)).join(' or '),
  fits: (value) => values.includes(value),
})

/** Whether a value can be a key, or a table of keys. An empty key would sign for everybody. */
const secret: Kind = {
  words: 'text or bytes that are not empty, or a table of those by version',
  fits: (value) => {
    if (isKey(value)) return true
    if (!isObject(value) || Array.isArray(value) || value instanceof Uint8Array) return false
    const entries = value instanceof Map ? [...value.entries()] : Object.entries(value as object)
    return (
      entries.length > 0 && entries.every(([version, key]) => /^\d+$/.test(String(version)) && isKey(key))
    )
  },
}

function isKey(value: unknown): boolean {
  return (typeof value === 'string' || value instanceof Uint8Array) && value.length > 0
}

/** All settings that the packages of this project know. */
const kinds: Readonly<Record<keyof ApplicationSettings, Kind>> & Readonly<Record<string, Kind>> = {
  debug: flag,
  autoreload: flag,
  serveTraceback: oneOf(true, false, 'anyone'),
  logFunction: callable,
  defaultHandlerClass: handler,
  defaultHandlerArgs: object,
  defaultHost: text,
  compressResponse: {
    words: 'true, false or options',
    fits: (value) => typeof value === 'boolean' || isObject(value),
  },
  gzip: flag,
  transforms: {
    words: 'a list of classes',
    fits: (value) => Array.isArray(value) && value.every(isFunction),
  },
  cookieSecret: secret,
  keyVersion: integer,
  loginUrl: text,
  xsrfCookies: flag,
  xsrfCookieVersion: oneOf(1, 2),
  xsrfCookieName: text,
  xsrfCookieKwargs: object,
  templatePath: path,
  templateLoader: object,
  autoescape: { words: 'the name of a function, or null', fits: (value) => isText(value) || value === null },
  templateWhitespace: oneOf('all', 'single', 'oneline'),
  compiledTemplateCache: flag,
  uiModules: table,
  uiMethods: table,
  staticPath: path,
  staticUrlPrefix: text,
  staticHandlerClass: handler,
  staticHandlerArgs: object,
  staticHashCache: flag,
  // Of @tornado-ts/websocket.
  websocketPingIntervalMs: count,
  websocketPingTimeoutMs: count,
  websocketMaxMessageSize: count,
  websocketMaxQueuedSize: count,
  websocketSlowReaderPolicy: oneOf('wait', 'dropOldest', 'close'),
  // Of @tornado-ts/auth.
  twitterConsumerKey: text,
  twitterConsumerSecret: text,
  googleOauth: object,
  facebookApiKey: text,
  facebookSecret: text,
}

/**
 * The settings as the application goes by them: `debug` turns on what is not set otherwise.
 *
 * A name that nobody knows but that is near to one of ours is warned of; those of the program's own are not.
 *
 * @throws {TypeError} For a value that its setting cannot have.
 */
export function resolveSettings<Settings extends ApplicationSettings>(given: Settings): Settings {
  const settings = { ...given }
  for (const [name, value] of Object.entries(settings)) checkSetting(name, value)
  if (settings.templatePath instanceof URL) settings.templatePath = fileURLToPath(settings.templatePath)
  if (settings.debug === true) {
    settings.autoreload ??= true
    settings.compiledTemplateCache ??= false
    settings.staticHashCache ??= false
    settings.serveTraceback ??= true
  }
  return settings
}

function checkSetting(name: string, value: unknown): void {
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
  if (kind !== undefined) {
    if (value === undefined || kind.fits(value)) return
    // The value may be a secret.
    throw new TypeError(`The setting ${name} must be ${kind.words}, not ${describe(value)}`)
  }
  const meant = nearestName(name, Object.keys(kinds))
  if (meant !== null) appLog.warning(`Unknown setting ${name}: did you mean ${meant}?`)
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (value === '') return 'empty text'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'such an object' : `a ${typeof value}`
}
