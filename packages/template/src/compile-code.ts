import { compileFunction } from 'node:vm'
import { generateCode, type GeneratedCode, shieldNames } from './code/generate-code.ts'
import type { Survey, SurveyedScript } from './code/survey.ts'
import { ParseError } from './errors.ts'
import { scriptCode } from './javascript/script.ts'
import { variableName } from './javascript/words.ts'
import { helpers } from './runtime/helpers.ts'
import type { RenderFunction, StreamFunction } from './runtime/program.ts'
import type { LinkedTemplate } from './syntax/link-template.ts'

/**
 * Makes a function of a template's code.
 *
 * @throws {ParseError} For JavaScript that the engine does not take.
 */
export function compileRender(name: string, generated: GeneratedCode, facts: Survey): RenderFunction {
  const render: unknown = compile(name, generated, facts)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the code that was generated is such a function
  return render as RenderFunction
}

/** As {@link compileRender}, when the first stream is asked for: most templates are never streamed. */
export function compileStream(name: string, template: LinkedTemplate, facts: Survey): StreamFunction {
  let compiled: StreamFunction | undefined
  return (environment) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the code that was generated is such a function
    compiled ??= compile(name, generateCode(template, facts, 'stream'), facts) as StreamFunction
    return compiled(environment)
  }
}

function compile(name: string, { code, positions }: GeneratedCode, facts: Survey): unknown {
  const names = [...Object.keys(helpers), '_tt_positions', ...shieldNames(facts)]
  try {
    const make = compileFunction(`"use strict";\nreturn ${code};`, names, {
      filename: `${name}.generated.js`,
    })
    return Reflect.apply(make, undefined, [...Object.values(helpers), positions])
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw findCulprit(facts.scripts) ?? new ParseError(error.message, name, 0, { cause: error })
  }
}

/** The first piece of JavaScript in a template that the engine does not take. */
function findCulprit(scripts: readonly SurveyedScript[]): ParseError | undefined {
  for (const { script, isTarget, filename, line } of scripts) {
    const code = scriptCode(script, ({ name }) => variableName(name))
    try {
      compileFunction(`"use strict"; async () => (${code}${isTarget ? ' = []' : ''})`)
    } catch (error) {
      if (error instanceof SyntaxError) return new ParseError(error.message, filename, line, { cause: error })
      throw error
    }
  }
  return undefined
}
