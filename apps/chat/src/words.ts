import type { Locale } from '@tornado-ts/locale'

/** The texts that the script of the page shows. */
export function pageWords(locale: Locale): Readonly<Record<string, string>> {
  const _ = locale.translate.bind(locale)
  return {
    websocket: _('WebSocket'),
    events: _('Server-sent events'),
    polling: _('Long polling'),
    connecting: _('Connecting …'),
    connected: _('Connected by %(way)s'),
    lost: _('No connection; trying again …'),
    sending: _('Sending …'),
    slower: _('You write very fast; this is sent in a moment'),
    refused: _('This could not be sent'),
    onePerson: _('1 person here'),
    morePeople: _('%(count)s people here'),
    andMore: _('and %(count)s more'),
    you: _('you'),
    left: _('%(count)s characters left'),
  }
}
