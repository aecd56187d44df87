import type { Options } from 'tsup'
import { shortenNames } from './short-names.ts'

/**
 * What the builds of the public packages have in common. Comments, indentation and long names of variables are left out, since everybody
 * who installs a package gets them; the names of functions, classes and methods stay, and lines stay short, so that a stack trace can be
 * read. The documentation is in the declarations.
 */
export const published: Options = {
  format: ['esm'],
  target: 'node22',
  dts: false,
  clean: true,
  esbuildOptions: (options) => {
    options.minifyWhitespace = true
    options.minifySyntax = true
    options.charset = 'utf8'
    options.legalComments = 'none'
  },
  plugins: [
    {
      name: 'short-names',
      renderChunk: (code) => ({ code: code.startsWith('#!') ? code : shortenNames(code) }),
    },
  ],
}
