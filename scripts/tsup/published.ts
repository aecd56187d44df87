import type { Options } from 'tsup'

/**
 * What the builds of the public packages have in common. Comments and indentation are left out, since everybody who installs a package
 * gets them; names stay, and lines stay short, so that a stack trace can be read. The documentation is in the declarations.
 */
export const published: Options = {
  format: ['esm'],
  target: 'node22',
  dts: false,
  clean: true,
  esbuildOptions: (options) => {
    options.minifyWhitespace = true
    options.lineLimit = 120
    options.legalComments = 'none'
  },
}
