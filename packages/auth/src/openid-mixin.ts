import { AsyncHTTPClient } from '@tornado-ts/httpclient'
import { urlConcat } from '@tornado-ts/httputil'
import { askProvider } from './ask-provider.ts'
import { AuthError } from './errors.ts'
import { endpointOf, type HandlerBase, type HandlerMixin } from './handler-base.ts'
import { withQuietLogs } from './quiet-logs.ts'

/** Where {@link OpenIdMixin} sends a user, and what it asks for. */
export interface OpenIdRedirectOptions {
  /** Where the provider sends the user back to, relative to this request. @default this request's URL */
  callbackUri?: string
  /** What is asked of the user. @default ['name', 'email', 'language', 'username'] */
  axAttrs?: readonly string[]
}

/** What {@link OpenIdMixin} adds to a handler. */
export interface OpenIdHandler {
  /** Sends the user to the provider and ends the response. The provider adds its arguments to the URL that it sends back to. */
  authenticateRedirect(options?: OpenIdRedirectOptions): void
  /**
   * The user of this login, by what the provider says and has signed: `first_name`, `last_name`, `name`, `email`, `locale`,
   * `username`, `claimed_id`, as far as they are known.
   *
   * @throws {AuthError} (rejection) When the provider does not confirm it, or it was meant for another page.
   */
  getAuthenticatedUser(options?: { httpClient?: AsyncHTTPClient }): Promise<Record<string, string>>
  /** The client that asks the provider; override it for another. */
  getAuthHttpClient(): AsyncHTTPClient
}

/** What a subclass of {@link OpenIdMixin} says of its provider, as a static field. */
export interface OpenIdStatics {
  _OPENID_ENDPOINT: string
}

const extension = 'http://openid.net/srv/ax/1.0'
const identifier = 'http://specs.openid.net/auth/2.0/identifier_select'
const types = {
  email: 'http://axschema.org/contact/email',
  firstname: 'http://axschema.org/namePerson/first',
  fullname: 'http://axschema.org/namePerson',
  language: 'http://axschema.org/pref/language',
  lastname: 'http://axschema.org/namePerson/last',
  username: 'http://axschema.org/namePerson/friendly',
} as const

/**
 * Login by OpenID 2.0 with attribute exchange, which hardly anybody offers any more: `OpenIDConnectMixin` is its
 * successor. Tornado: auth.OpenIdMixin, where it is deprecated.
 */
export function OpenIdMixin<Base extends HandlerBase>(
  base: Base,
): HandlerMixin<Base, OpenIdHandler, OpenIdStatics> {
  class WithOpenId extends (withQuietLogs(base) as HandlerBase) implements OpenIdHandler {
    static _OPENID_ENDPOINT = ''

    authenticateRedirect({
      callbackUri = this.request.uri,
      axAttrs = ['name', 'email', 'language', 'username'],
    }: OpenIdRedirectOptions = {}): void {
      const returnTo = new URL(callbackUri, this.request.fullUrl())
      this.redirect(
        urlConcat(endpointOf(this, '_OPENID_ENDPOINT'), {
          'openid.ns': 'http://specs.openid.net/auth/2.0',
          'openid.claimed_id': identifier,
          'openid.identity': identifier,
          'openid.return_to': returnTo.href,
          'openid.realm': new URL('/', returnTo).href,
          'openid.mode': 'checkid_setup',
          ...exchangeArguments(axAttrs),
        }),
      )
    }

    async getAuthenticatedUser({
      httpClient = this.getAuthHttpClient(),
    }: { httpClient?: AsyncHTTPClient } = {}): Promise<Record<string, string>> {
      const args: Record<string, string> = {}
      for (const name of this.request.arguments.keys()) {
        if (name.startsWith('openid.')) args[name] = this.getArgument(name, '', { strip: false })
      }
      const mode = args['openid.mode']
      if (mode !== 'id_res') {
        throw new AuthError(mode === 'cancel' ? 'The user refused the login' : 'Invalid OpenID response')
      }
      this.#checkReturnTo(args['openid.return_to'])
      const endpoint = endpointOf(this, '_OPENID_ENDPOINT')
      const body = new URLSearchParams({ ...args, 'openid.mode': 'check_authentication' })
      const response = await askProvider(httpClient, endpoint, 'OpenID check', { method: 'POST', body })
      // A part of a line would be the provider's data, which others may have written.
      if (!response.text().split('\n').includes('is_valid:true'))
        throw new AuthError('Invalid OpenID response')
      return userOf(args)
    }

    getAuthHttpClient(): AsyncHTTPClient {
      return new AsyncHTTPClient()
    }

    /** OpenID 2.0 §11.1: an answer for another site, or another page of this one, is none. */
    #checkReturnTo(returnTo: string | undefined): void {
      const here = new URL(this.request.fullUrl())
      const meant = URL.parse(returnTo ?? '')
      if (meant === null || meant.origin !== here.origin || meant.pathname !== here.pathname) {
        throw new AuthError('OpenID response is for another URL')
      }
    }
  }
  return WithOpenId as never
}

function exchangeArguments(attributes: readonly string[]): Record<string, string> {
  if (attributes.length === 0) return {}
  const names = attributes.includes('name') ? (['firstname', 'fullname', 'lastname'] as const) : []
  const known = (['email', 'language', 'username'] as const).filter((name) => attributes.includes(name))
  const required = [...names, ...known]
  return {
    'openid.ns.ax': extension,
    'openid.ax.mode': 'fetch_request',
    ...Object.fromEntries(required.map((name) => [`openid.ax.type.${name}`, types[name]])),
    'openid.ax.required': required.join(','),
  }
}

/** What the answer says of the user, as far as the provider has signed it: anybody can add to a URL. */
function userOf(args: Readonly<Record<string, string>>): Record<string, string> {
  const signedNames = new Set((args['openid.signed'] ?? '').split(','))
  const signed = (name: string): string | undefined =>
    signedNames.has(name) ? args[`openid.${name}`] : undefined
  const alias = Object.keys(args)
    .filter((name) => name.startsWith('openid.ns.'))
    .map((name) => name.slice('openid.ns.'.length))
    .find((name) => signed(`ns.${name}`) === extension)
  const attribute = (type: string): string => {
    if (alias === undefined) return ''
    const prefix = `openid.${alias}.type.`
    const found = Object.keys(args)
      .filter((name) => name.startsWith(prefix))
      .map((name) => name.slice(prefix.length))
      .find((name) => signed(`${alias}.type.${name}`) === type)
    return found === undefined ? '' : (signed(`${alias}.value.${found}`) ?? '')
  }
  const firstName = attribute(types.firstname)
  const lastName = attribute(types.lastname)
  const email = attribute(types.email)
  const parts = [firstName, lastName].filter((part) => part !== '')
  const found = {
    first_name: firstName,
    last_name: lastName,
    name: attribute(types.fullname) || parts.join(' ') || email.split('@', 1)[0]!,
    email,
    locale: attribute(types.language).toLowerCase(),
    username: attribute(types.username),
    claimed_id: signed('claimed_id') ?? '',
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== ''))
}
