import { createHash } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { genLog } from '@tornado-ts/log'
import { expectLog } from '@tornado-ts/log/testing'
import { describe, expect, it } from 'vitest'
import { makeFileTree } from '../../test/file-tree.ts'
import { serve } from '../../test/serve.ts'
import { Application } from '../application.ts'
import { RequestHandler } from '../request-handler.ts'
import type { ApplicationSettings } from '../settings.ts'
import { StaticFileHandler } from './static-file-handler.ts'
import { encodeUrlPath } from './static-url.ts'

const quiet = { logFunction: (): void => {} }
const sha512 = (content: string): string => createHash('sha512').update(content).digest('hex')

/** Answers URLs of `?path=`, one a line: plain, with host, without version, with neither. */
class UrlHandler extends RequestHandler {
  override get(): void {
    const path = this.getArgument('path')
    const urls = [
      this.staticUrl(path),
      this.staticUrl(path, true),
      this.staticUrl(path, null, { includeVersion: false }),
      this.staticUrl(path, false, { includeVersion: false }),
    ]
    this.write(urls.join('\n'))
  }
}

class HostHandler extends UrlHandler {
  override includeHost = true
}

async function urls(settings: ApplicationSettings, path: string, at = '/url'): Promise<string[]> {
  const rules = [
    ['/url', UrlHandler],
    ['/host', HostHandler],
  ] as const
  await using served = await serve(new Application(rules, { ...quiet, ...settings }))
  const headers = { Host: 'a.example' }
  const { status, body } = await served.fetch('GET', `${at}?path=${encodeURIComponent(path)}`, { headers })
  return status === 200 ? body.split('\n') : [String(status)]
}

describe('staticUrl', () => {
  it('B-static-001 B-static-003 has the version, and scheme and host when they are wanted', async () => {
    await using tree = await makeFileTree({ 'robots.txt': 'text', 'dir/a.js': 'x' })
    const url = `/static/robots.txt?v=${sha512('text')}`
    const settings = { staticPath: tree.root }
    expect(await urls(settings, 'robots.txt')).toEqual([
      url,
      `http://a.example${url}`,
      '/static/robots.txt',
      '/static/robots.txt',
    ])
    expect(await urls(settings, 'robots.txt', '/host')).toEqual([
      `http://a.example${url}`,
      `http://a.example${url}`,
      'http://a.example/static/robots.txt',
      '/static/robots.txt',
    ])
    const other = { staticPath: pathToFileURL(tree.root), staticUrlPrefix: '/s/' }
    expect((await urls(other, 'dir/a.js'))[0]).toBe(`/s/dir/a.js?v=${sha512('x')}`)
  })

  it('B-static-003 needs the setting staticPath', async () => {
    using expected = expectLog('tornado.application', /Uncaught exception/)
    expect(await urls({}, 'a')).toEqual(['500'])
    expect(String(expected.records[0]?.error)).toContain("'staticPath'")
  })

  it('percent-encodes what has a meaning of its own in a URL', async () => {
    await using tree = await makeFileTree({ 'a b?c#d%é"<.js': 'x' })
    const [url] = await urls({ staticPath: tree.root }, 'a b?c#d%é"<.js')
    expect(url).toBe(`/static/a%20b%3Fc%23d%25%C3%A9%22%3C.js?v=${sha512('x')}`)
    await using served = await serve(new Application([], { ...quiet, staticPath: tree.root }))
    expect((await served.fetch('GET', url!)).headers['cache-control']).toContain('immutable')
    expect(encodeUrlPath("a/b-c._~!$&'()*+,;=:@")).toBe("a/b-c._~!$&'()*+,;=:@")
    expect(encodeUrlPath('\ud800')).toBe('%EF%BF%BD')
  })
})

describe('versions', () => {
  it('B-static-002 are kept; a file that cannot be read is reported once and has none', async () => {
    await using tree = await makeFileTree()
    class Handler extends StaticFileHandler {}
    const settings = { staticPath: tree.root }
    const url = (): string => Handler.makeStaticUrl(settings, 'a.txt')
    using expected = expectLog(genLog, /Could not open static file/)
    expect([url(), url()]).toEqual(['/static/a.txt', '/static/a.txt'])
    expect(expected.matched).toBe(1)
    Handler.reset()
    expect(url()).toBe('/static/a.txt')
    expect(expected.matched).toBe(2)
    await tree.write('a.txt', 'one')
    expect(url()).toBe(`/static/a.txt?v=${sha512('one')}`)
    // Unlike in Tornado they are right when the file is another.
    await tree.write('a.txt', 'two')
    expect(url()).toBe(`/static/a.txt?v=${sha512('two')}`)
    await rm(join(tree.root, 'a.txt'))
    expect(url()).toBe('/static/a.txt')
    expect(expected.matched).toBe(3)
  })

  it('B-static-002 of classes that tell them otherwise are those, each class its own', async () => {
    await using tree = await makeFileTree({ 'a.txt': 'one' })
    let asked = 0
    class Short extends StaticFileHandler {
      static override getContentVersion(absolutePath: string): string {
        asked++
        return (super.getContentVersion(absolutePath) as string).slice(0, 8)
      }
    }
    class Own extends StaticFileHandler {
      static override getContent(absolutePath: string): string {
        asked++
        return `content of ${absolutePath}`
      }
    }
    class Later extends StaticFileHandler {
      static override getVersion(): string {
        return '42'
      }
    }
    const settings = { staticPath: '/nowhere' }
    const root = { staticPath: tree.root }
    expect(StaticFileHandler.getVersion(root, 'a.txt')).toBe(sha512('one'))
    expect(Short.getVersion(root, 'a.txt')).toBe(sha512('one').slice(0, 8))
    expect(Own.getVersion(settings, 'x')).toBe(sha512('content of /nowhere/x'))
    expect(Own.getVersion(settings, 'x')).toBe(sha512('content of /nowhere/x'))
    expect(asked).toBe(2)
    expect(Later.makeStaticUrl(settings, 'x')).toBe('/static/x?v=42')
    StaticFileHandler.reset()
    expect(Own.getVersion(settings, 'x')).toBe(sha512('content of /nowhere/x'))
    expect(asked).toBe(3)
  })

  it('that come as a promise are in URLs once it is kept', async () => {
    class Slow extends StaticFileHandler {
      static override async *getContent(): AsyncGenerator<Uint8Array> {
        yield Buffer.from('slow')
      }
      override validateAbsolutePath(_root: string, absolutePath: string): string {
        return absolutePath
      }
      override getContentSize(): number {
        return 4
      }
      override getModifiedTime(): null {
        return null
      }
    }
    const settings = { staticPath: '/nowhere', staticHandlerClass: Slow }
    expect(Slow.makeStaticUrl(settings, 'x')).toBe('/static/x')
    await using served = await serve(new Application([], { ...quiet, ...settings }))
    expect((await served.fetch('GET', '/static/x')).body).toBe('slow')
    expect(Slow.makeStaticUrl(settings, 'x')).toBe(`/static/x?v=${sha512('slow')}`)
  })
})

describe('settings', () => {
  it('B-web-065 staticPath adds rules for its prefix, /favicon.ico and /robots.txt, in front of others', async () => {
    await using tree = await makeFileTree({ 'robots.txt': 'r', 'favicon.ico': 'f', 'a.txt': 'a' })
    class Mine extends RequestHandler {
      override get(): void {
        this.write('mine')
      }
    }
    const settings = { ...quiet, staticPath: tree.root, staticUrlPrefix: '/a+b/' }
    await using served = await serve(new Application([['/.*', Mine]], settings))
    const body = async (path: string): Promise<string> => (await served.fetch('GET', path)).body
    expect(await body('/robots.txt')).toBe('r')
    expect(await body('/favicon.ico')).toBe('f')
    expect(await body('/a+b/a.txt')).toBe('a')
    expect(await body('/aab/a.txt')).toBe('mine')
    expect(await body('/robots-txt')).toBe('mine')
    expect(await body('/static/a.txt')).toBe('mine')
  })

  it('B-web-066 staticHandlerClass and its arguments are taken; unlike in Tornado those stay as they are', async () => {
    await using tree = await makeFileTree({ 'dir/index.html': 'index' })
    class Named extends StaticFileHandler {
      override setExtraHeaders(): void {
        this.setHeader('X-Class', 'Named')
      }
    }
    const staticHandlerArgs = { defaultFilename: 'index.html' }
    const settings = { ...quiet, staticPath: tree.root, staticHandlerClass: Named, staticHandlerArgs }
    await using served = await serve(new Application([], settings))
    const { headers, body } = await served.fetch('GET', '/static/dir/')
    expect([headers['x-class'], body]).toEqual(['Named', 'index'])
    expect(staticHandlerArgs).toEqual({ defaultFilename: 'index.html' })
  })

  it('B-web-063 staticHashCache: false forgets versions with each request', async () => {
    await using tree = await makeFileTree({ 'a.txt': 'a' })
    let asked = 0
    class Counting extends StaticFileHandler {
      static override getContent(absolutePath: string): string {
        asked++
        return absolutePath
      }
      override validateAbsolutePath(_root: string, absolutePath: string): string {
        return absolutePath
      }
    }
    const settings = { ...quiet, staticPath: tree.root, staticHandlerClass: Counting }
    for (const [staticHashCache, times] of [
      [true, 1],
      [false, 3],
    ] as const) {
      Counting.reset()
      asked = 0
      await using served = await serve(
        new Application([['/url', UrlHandler]], { ...settings, staticHashCache }),
      )
      for (let request = 0; request < 3; request++) await served.fetch('GET', '/url?path=virtual')
      expect(asked, String(staticHashCache)).toBe(times)
    }
  })

  it('B-web-064 debug turns staticHashCache off, unless it is given', async () => {
    const staticHashCache = (settings: ApplicationSettings): boolean | undefined =>
      new Application([], settings).settings.staticHashCache
    expect(staticHashCache({ debug: true })).toBe(false)
    expect(staticHashCache({ debug: true, staticHashCache: true })).toBe(true)
    expect(staticHashCache({})).toBeUndefined()
  })

  it('an empty directory serves nothing, and no directory adds no rule', async () => {
    await using tree = await makeFileTree()
    await writeFile(join(tree.outside, 'a.txt'), 'a')
    await using served = await serve(new Application([], { ...quiet, staticPath: tree.root }))
    expect((await served.fetch('GET', '/static/a.txt')).status).toBe(404)
    expect(new Application([], quiet).wildcardRouter.rules).toEqual([])
  })
})
