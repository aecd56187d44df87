// Links of a built site that lead to no page or file of it, or to no place on its page.
import { globSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** @returns {string[]} each as `page → link` */
export function findDeadLinks(folder) {
  const pages = new Map(
    globSync('**/*.html', { cwd: folder }).map((page) => [page, readFileSync(join(folder, page), 'utf8')]),
  )
  const places = new Map()
  const placesOf = (page) => {
    if (!places.has(page)) places.set(page, new Set(attributes(pages.get(page), 'id')))
    return places.get(page)
  }
  const leads = (page, link) => {
    const [, path, , place = ''] = /^([^?#]*)(\?[^#]*)?#?(.*)$/s.exec(link)
    // A server answers for a folder with its index.
    const file = path.replace(/(^|\/)$/, '$1index.html')
    const target = path === '' ? page : normalize(join(dirname(page), decodeURIComponent(file)))
    if (!pages.has(target))
      return statSync(join(folder, target), { throwIfNoEntry: false })?.isFile() ?? false
    return place === '' || placesOf(target).has(decodeURIComponent(place))
  }
  return [...pages].flatMap(([page, html]) =>
    [...new Set(attributes(html, 'href|src'))]
      .filter((link) => !/^[a-z]+:/i.test(link) && !leads(page, link))
      .map((link) => `${page} → ${link}`),
  )
}

function attributes(html, names) {
  return [...html.matchAll(new RegExp(`\\s(?:${names})="([^"]*)"`, 'g'))].map(([, value]) =>
    value.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&'),
  )
}
