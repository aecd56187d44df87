import { BaseLoader, type LoaderOptions } from './base-loader.ts'
import { TemplateNotFoundError } from './errors.ts'
import { isRelative, resolveRelative } from './relative-name.ts'

/**
 * Loads templates from an object or a map.
 *
 * Tornado: template.DictLoader.
 */
export class DictLoader extends BaseLoader {
  readonly dict: Readonly<Record<string, string>> | ReadonlyMap<string, string>

  constructor(
    dict: Readonly<Record<string, string>> | ReadonlyMap<string, string>,
    options: LoaderOptions = {},
  ) {
    super(options)
    this.dict = dict
  }

  override resolvePath(name: string, parentPath?: string): string {
    return isRelative(name, parentPath) ? resolveRelative(name, parentPath) : name
  }

  protected override readTemplate(path: string): string {
    const { dict } = this
    const source = dict instanceof Map ? dict.get(path) : ownValue(dict, path)
    if (source === undefined) throw new TemplateNotFoundError(path)
    return source
  }
}

function ownValue(dict: object, name: string): string | undefined {
  return Object.hasOwn(dict, name) ? Reflect.get(dict, name) : undefined
}
