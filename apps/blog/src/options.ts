import { defineOptions, parseCommandLine, parseConfigFile, parseEnvironment } from '@tornado-ts/options'

/** The options of the program. */
export const options = defineOptions(
  {
    port: { default: 8888, help: 'port to listen on; 0 for an unused one' },
    address: { default: '127.0.0.1', help: 'address to listen on; 0.0.0.0 for all' },
    database: { default: 'blog.sqlite', metavar: 'FILE', help: 'file of the entries; :memory: for none' },
    title: { default: 'A blog of whirls', help: 'title of the blog' },
    siteUrl: { type: 'string', help: 'where readers find the blog, such as https://blog.example' },
    openSignUp: { default: false, help: 'let others than the first author sign up' },
    cookieSecret: {
      type: 'string',
      help: 'key of the cookies; without it one is made and kept in the database',
    },
    xheaders: { default: false, help: 'believe X-Forwarded-For and its kin: behind a proxy, and only there' },
    debug: { default: false, help: 'reload on changes, and show errors in full on this machine' },
    config: {
      type: 'string',
      help: 'file with options: JSON, or name = value as Tornado has them',
      callback: (path: string | null) => parseConfigFile(path ?? '', { final: false }),
    },
  },
  { group: 'blog' },
)

/** Reads the environment (`BLOG_PORT`), then the command line; ends the program with a line when something is wrong. */
export function readOptions(): typeof options {
  parseEnvironment({ prefix: 'BLOG_', final: false })
  parseCommandLine()
  const { port, siteUrl } = options
  if (port < 0 || port > 65_535) fail(`--port must be a number from 0 to 65535, not ${port}`)
  if (siteUrl !== null && !/^https?:\/\/[^/?#]+$/.test(siteUrl))
    fail(`--site-url must be like https://blog.example, not ${JSON.stringify(siteUrl)}`)
  return options
}

function fail(problem: string): never {
  console.error(`blog: ${problem}; see --help`)
  process.exit(2)
}
