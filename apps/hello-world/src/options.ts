import { parseArgs } from 'node:util'

/** Where to listen. */
export interface Options {
  readonly port: number
  readonly address: string
}

const usage = `Usage: npm start -- [--port=8888] [--address=127.0.0.1]

  --port      port to listen on; 0 for an unused one
  --address   address to listen on; 0.0.0.0 for all`

/**
 * Reads `--port` and `--address`. On `--help` it says what there is and ends the program, on anything else what is wrong, in one line
 * and with status 1.
 */
export function readOptions(args: readonly string[]): Options {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: '8888' },
        address: { type: 'string', default: '127.0.0.1' },
        help: { type: 'boolean', default: false },
      },
    })
    if (values.help) {
      console.log(usage)
      process.exit(0)
    }
    const port = Number(values.port)
    if (!/^\d{1,5}$/.test(values.port) || port > 65_535) {
      throw new Error(`--port must be a number from 0 to 65535, not '${values.port}'`)
    }
    return { port, address: values.address }
  } catch (error) {
    console.error(`hello-world: ${(error as Error).message.split('\n')[0]!}`)
    process.exit(1)
  }
}
