import { getLogger, type Logger } from '@tornado-ts/log'

/** At level `debug`: what libcurl says and all that goes over the wire, bodies apart. Tornado: curl_httpclient.curl_log. */
export const curlLog: Logger = getLogger('tornado.curl_httpclient')

/** Logs what libcurl reports of kind `kind` (`CURLINFO_…`): its own words, headers received, headers sent. */
export function logCurl(kind: number, text: string): void {
  const prefix = prefixes[kind]
  if (prefix === undefined) return
  for (const line of text.trimEnd().split(/\r?\n/))
    curlLog.debug(`${prefix} ${line.replace(secrets, '$1 [hidden]')}`)
}

const prefixes: Readonly<Partial<Record<number, string>>> = { 0: '*', 1: '<', 2: '>' }
/** At the beginning of a line, or in brackets: so libcurl tells the fields of HTTP/2 beforehand. */
const secrets = /((?:^|\[)(?:(?:proxy-)?authorization|(?:set-)?cookie):).*/i
