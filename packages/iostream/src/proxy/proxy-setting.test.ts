import { describe, expect, it } from 'vitest'
import { parseProxyUrl, resolveProxy } from './proxy-setting.ts'

describe('parseProxyUrl', () => {
  it('reads protocol, host, port and credentials', () => {
    expect(parseProxyUrl('http://us%40er:p%3Aw@proxy.example:3128/')).toEqual({
      protocol: 'http',
      host: 'proxy.example',
      port: 3128,
      username: 'us@er',
      password: 'p:w',
    })
    expect(parseProxyUrl('SOCKS5h://[::1]')).toEqual({ protocol: 'socks5h', host: '::1', port: 1080 })
  })

  it('has a port for each protocol, and HTTP without one', () => {
    const ports = ['http', 'https', 'socks4', 'socks4a', 'socks5', 'socks5h'].map(
      (each) => parseProxyUrl(`${each}://p`).port,
    )
    expect(ports).toEqual([80, 443, 1080, 1080, 1080, 1080])
    expect(parseProxyUrl('proxy:8080')).toEqual({ protocol: 'http', host: 'proxy', port: 8080 })
    expect(parseProxyUrl('socks5://proxy:80').port).toBe(80)
  })

  it('refuses the rest, without telling the credentials', () => {
    for (const url of [
      '',
      'ftp://p',
      'http://',
      'http://p:99999',
      'socks5://a b',
      '://p',
      'quic://u:secret@p',
    ])
      expect(() => parseProxyUrl(url)).toThrow(TypeError)
    expect(() => parseProxyUrl('quic://u:secret@p')).toThrow('quic://p')
  })
})

it('resolveProxy takes a URL, a proxy, a selector or nothing', () => {
  const target = { secure: true, host: 'x', port: 443 }
  const proxy = { protocol: 'http', host: 'p', port: 1 } as const
  expect(resolveProxy(undefined, target)).toBeNull()
  expect(resolveProxy(null, target)).toBeNull()
  expect(resolveProxy('http://p:1', target)).toEqual(proxy)
  expect(resolveProxy(proxy, target)).toBe(proxy)
  expect(resolveProxy(({ secure }) => (secure ? proxy : null), target)).toBe(proxy)
})
