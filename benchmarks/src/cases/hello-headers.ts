import { httpCase } from '../load/http-case.ts'
import type { HttpRequest } from '../load/http-request.ts'
import { greeting, greetingGroup } from './greeting.ts'

/** A click on a link, as a browser sends it: 14 fields with `Host`, 900 bytes. */
export const browserRequest: HttpRequest = {
  method: 'GET',
  path: '/',
  headers: {
    'sec-ch-ua': '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"',
    'sec-ch-ua-mobile': '?0',
    'sec-ch-ua-platform': '"Linux"',
    'Upgrade-Insecure-Requests': '1',
    'User-Agent':
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
    Accept:
      'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,' +
      'application/signed-exchange;v=b3;q=0.7',
    'Sec-Fetch-Site': 'same-origin',
    'Sec-Fetch-Mode': 'navigate',
    'Sec-Fetch-Dest': 'document',
    Referer: 'https://www.example.com/articles/2026/benchmarks-of-web-servers',
    'Accept-Encoding': 'gzip, deflate, br, zstd',
    'Accept-Language': 'en-GB,en;q=0.9,de;q=0.8',
    Cookie:
      '_ga=GA1.1.1234567890.1767225600; session=eyJ1c2VyIjoiYWxpY2UiLCJyb2xlIjoiZWRpdG9yIn0.c2lnbmF0dXJlLW9mLXRoZS1jb29raWU; ' +
      'theme=dark; lang=en; ab=true; _xsrf=2|7586b241|47c876d965112a2f547c63c95cbc44b1',
  },
}

export const helloHeaders = httpCase({
  name: 'hello-headers',
  group: greetingGroup,
  title: '`GET /` with 14 headers of a browser, a head of 900 bytes',
  app: { kind: 'hello', answer: greeting, pipelined: false },
  request: browserRequest,
})
