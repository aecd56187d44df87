#!/usr/bin/env node
import { runTemplateCommand } from '../dist/command.js'

process.exitCode = runTemplateCommand(process.argv.slice(2), {
  stdout: (text) => void process.stdout.write(text),
  stderr: (text) => void process.stderr.write(text),
})
