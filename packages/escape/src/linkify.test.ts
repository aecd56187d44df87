import { describe, expect, it, vi } from 'vitest'
import { linkify, type LinkifyOptions } from './linkify.ts'

function anchor(href: string, text: string = href, attributes = ''): string {
  return `<a href="${href}"${attributes}>${text}</a>`
}

describe('linkify', () => {
  const links: readonly [string, string][] = [
    ['see http://chat.test/!', `see ${anchor('http://chat.test/')}!`],
    ['see http://chat.test/room?id=7&after=12', `see ${anchor('http://chat.test/room?id=7&amp;after=12')}`],
    ['http://open.test/p(rest', `${anchor('http://open.test/p')}(rest`],
    [
      'http://dots.test/end.......................................',
      `${anchor('http://dots.test/end')}.......................................`,
    ],
    [
      'http://dots.test/end((((((((((((((((((((((((((((((((((a)',
      `${anchor('http://dots.test/end')}((((((((((((((((((((((((((((((((((a)`,
    ],
    ['http://wiki.test/Tornado_(software)', anchor('http://wiki.test/Tornado_(software)')],
    ['http://wiki.test/a_(b)_c_(d)e', anchor('http://wiki.test/a_(b)_c_(d)e')],
    [
      '(as in http://wiki.test/Tornado_(software))',
      `(as in ${anchor('http://wiki.test/Tornado_(software)')})`,
    ],
    ['<http://wiki.test/page>', `&lt;${anchor('http://wiki.test/page')}&gt;`],
    ['http://wiki.test/x_(日本)_y', anchor('http://wiki.test/x_(日本)_y')],
    ['http://☃.test/5', anchor('http://☃.test/5')],
    [
      'http://example.com, http://example.org.',
      `${anchor('http://example.com')}, ${anchor('http://example.org')}.`,
    ],
    ['"http://a.b/?q=1"', `&quot;${anchor('http://a.b/?q=1')}&quot;`],
    ['a www.some-site.test b', `a ${anchor('http://www.some-site.test', 'www.some-site.test')} b`],
    ['www.a.b/x?c=1&d=2.', `${anchor('http://www.a.b/x?c=1&amp;d=2', 'www.a.b/x?c=1&amp;d=2')}.`],
    ['wwww.example.test xwww.a éwww.a', 'wwww.example.test xwww.a éwww.a'],
    ['http://', anchor('http://')],
    ['http:/ www. (www.) http://)', `http:/ www. (www.) ${anchor('http://')})`],
    ['http:///a ttp--http://b', `${anchor('http:///a')} ttp--http://b`],
    ['no links <b> here & there', 'no links &lt;b&gt; here &amp; there'],
    ['', ''],
  ]

  it.each(links)('B-esc-008 writes %j', (text, expected) => {
    expect(linkify(text)).toBe(expected)
    expect(linkify(Buffer.from(text))).toBe(expected)
  })

  it.each([
    ['javascript:alert(1) javascript://x%0aalert(1)', 'javascript:alert(1) javascript://x%0aalert(1)'],
    ['ftp://a.b https://a.b', `ftp://a.b ${anchor('https://a.b')}`],
    ['JavaScript://a HTTP://a', 'JavaScript://a HTTP://a'],
    ['data://a,b é://a', 'data://a,b é://a'],
  ])('B-esc-008 links http and https alone by default: %j', (text, expected) => {
    expect(linkify(text)).toBe(expected)
  })

  it.each<[LinkifyOptions, string, string]>([
    [
      { permittedProtocols: ['ftp', 'é-x'] },
      'ftp://a é-x://a http://a',
      `${anchor('ftp://a')} ${anchor('é-x://a')} http://a`,
    ],
    [{ requireProtocol: true }, 'www.a.b http://www.a.b', `www.a.b ${anchor('http://www.a.b')}`],
    [{ extraParams: ' rel="nofollow" ' }, 'www.a.b', anchor('http://www.a.b', 'www.a.b', ' rel="nofollow"')],
    [
      { extraParams: (href) => `  data-for="${href}" ` },
      'http://a.b/?c&d',
      anchor('http://a.b/?c&amp;d', undefined, ' data-for="http://a.b/?c&amp;d"'),
    ],
    [{ extraParams: () => '' }, 'http://a.b', anchor('http://a.b')],
  ])('B-esc-008 with %j writes %j', (options, text, expected) => {
    expect(linkify(text, options)).toBe(expected)
  })

  it('lets no text out of the attribute or into a tag', () => {
    const html = linkify(`http://a.b/"onmouseover="x" <script>http://c.d/'</script> http://e.f/>`, {
      shorten: true,
    })
    expect(html.replaceAll(/<a href="[^"<>]*"(?: title="[^"<>]*")?>|<\/a>/g, '')).not.toMatch(/[<>"']/)
    expect(html).not.toContain('<script')
  })

  it.each([
    ['http://longname.test/quitealongpathhere', 'http://longname.test/quitealo'],
    ['http://www.pages.test/x?aaaaaaaaaaaaaaaaaaaaaa', 'http://www.pages.test/x'],
    ['http://www.pages.test/page.html/aaaaaaaaaaaaaaaa', 'http://www.pages.test/page'],
    ['http://a-host-name-that-goes-on-and-on-and-on.test/path', 'http://a-host-name-that-goes-o'],
    ['http://longname.test/pathpathp/b/c', 'http://longname.test/pathpath'],
  ])('B-esc-009 shortens %s to %s...', (url, shown) => {
    expect(linkify(url, { shorten: true })).toBe(anchor(url, `${shown}...`, ` title="${url}"`))
  })

  it.each([
    'http://short.com/abcdefghijklm',
    // Cut behind the eighth character of the path it would save less than the dots take.
    'http://www.example.com/12345678901',
    // No path to cut, and not beyond 45.
    'http://abcdefghijklmnopqrstuvwxyz.com',
  ])('B-esc-009 leaves %s as it is', (url) => {
    expect(linkify(url, { shorten: true })).toBe(anchor(url))
  })

  it('B-esc-009 shortens www. URLs, after the other attributes, and no entity in two', () => {
    const url = 'www.some-other-site.test/documents/all'
    expect(linkify(url, { shorten: true, extraParams: 'rel="x"' })).toBe(
      anchor(`http://${url}`, 'www.some-other-site.test/document...', ` rel="x" title="http://${url}"`),
    )
    const query = `http://a-host-name-of-30.org?&b=${'c'.repeat(40)}`
    expect(linkify(query, { shorten: true })).toContain('>http://a-host-name-of-30.org?...</a>')
    const astral = `http://${'😀'.repeat(60)}`
    expect(linkify(astral, { shorten: true })).toContain(`>http://${'😀'.repeat(23)}...</a>`)
  })
})

// Patterns with which a regular expression of this kind backtracks for minutes, 8000 characters long and more.
const hostile = [
  '(',
  '(a',
  '((a)',
  'http://(',
  'http://a(',
  'http://a(b',
  'x://!',
  'www.',
  'www.(',
  'w-',
  '-',
  'a-:/',
  'a:/',
  ':/',
  '&',
  '"',
  '.',
  'a.!',
  'é-',
  '😀',
  'www.a(www.b',
]

it.each(hostile)(
  'CVE-2020-5236 CVE-2024-45296 CVE-2024-52798 linkify looks at each character of %j, however often it is repeated, a bounded number of times',
  (unit) => {
    for (const text of [unit, `http://${unit}`, `www.a${unit}`, `http://a(${unit}`].map(
      (each) => each + unit.repeat(8000),
    )) {
      const charCodeAt = vi.spyOn(String.prototype, 'charCodeAt')
      const html = linkify(`${text}!`, { shorten: true })
      const steps = charCodeAt.mock.calls.length
      charCodeAt.mockRestore()
      expect(html.length).toBeGreaterThan(0)
      expect(steps / text.length).toBeLessThan(12)
    }
  },
)
