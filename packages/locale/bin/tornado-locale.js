#!/usr/bin/env node
import { runLocaleCommand } from '@tornado-ts/locale/extract'

process.exitCode = runLocaleCommand(process.argv.slice(2), {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
})
