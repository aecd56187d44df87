import { ModuleFunction } from '@tornado-ts/ioloop'
import { runFunction, type FunctionCall, type FunctionResult } from './run-function.ts'
import type { WSGIFunction } from './wsgi-types.ts'

/** Runs an application of another module; called in the threads of an executor. */
export async function runModuleFunction(
  module: string,
  name: string,
  call: FunctionCall,
): Promise<FunctionResult> {
  const found: Readonly<Record<string, unknown>> = await import(module)
  const application = found[name]
  if (typeof application !== 'function') throw new TypeError(`${module} exports no function ${name}`)
  return runFunction(application as WSGIFunction, call)
}

/** {@link runModuleFunction} for executors: a bundle of this package exports it as well. */
export const moduleFunctionRunner: ModuleFunction<
  [module: string, name: string, call: FunctionCall],
  FunctionResult
> = new ModuleFunction(import.meta.url, 'runModuleFunction')
