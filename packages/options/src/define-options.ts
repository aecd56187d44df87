import { callerFile } from './defining-file.ts'
import type { OptionParser } from './option-parser.ts'
import type { OptionSettings, OptionType, OptionValue } from './option-types.ts'
import { options } from './options.ts'

/** How each of several options is defined, by their names. The parameter of a callback must be annotated. */
export type OptionsSchema = Readonly<Record<string, SchemaEntry>>

interface SchemaEntry extends Omit<OptionSettings<OptionType, unknown, boolean>, 'callback'> {
  callback?: (value: never) => void
}

/** The values of options, typed by how they are defined. */
export type OptionValues<Schema> = {
  -readonly [Name in keyof Schema]: SettingsValue<Schema[Name]>
}

type SettingsValue<Settings> = OptionValue<
  Field<Settings, 'type'>,
  Field<Settings, 'default'>,
  Field<Settings, 'multiple'>
>

type Field<Settings, Name extends string> = Settings extends { readonly [name in Name]: infer Value }
  ? Value
  : undefined

/** Holds callbacks to the types of their options. */
type CheckedCallbacks<Schema> = {
  readonly [Name in keyof Schema]: Schema[Name] extends { readonly callback: (value: infer Value) => void }
    ? [Value] extends [never]
      ? unknown
      : SettingsValue<Schema[Name]> extends Value
        ? unknown
        : { readonly callback: (value: SettingsValue<Schema[Name]>) => void }
    : unknown
}

/** Settings of {@link defineOptions}. */
export interface DefineOptionsOptions {
  /** Where they are defined. @default the options of the process */
  parser?: OptionParser
  /** The group of those that name none. @default the caller's file */
  group?: string
}

/**
 * Defines several options, and gives an object of their values: `options.port` is a number.
 *
 *     const options = defineOptions({
 *       port: { default: 8888, help: 'port to listen on' },
 *       peers: { type: 'string', multiple: true },
 *     })
 *     parseCommandLine()
 *     server.listen(options.port)
 *
 * Assigning to it sets the option, with the check of its type. It has no other properties, and can get none.
 *
 * @throws {OptionError} If a name is taken, also in another spelling, or a default is not of its type.
 */
export function defineOptions<const Schema extends OptionsSchema>(
  schema: Schema & CheckedCallbacks<Schema>,
  { parser = options, group }: DefineOptionsOptions = {},
): OptionValues<Schema> {
  const file = callerFile(defineOptions)
  const values: Record<string, unknown> = Object.create(null)
  for (const [name, given] of Object.entries<object>(schema)) {
    // Its callback takes what this very option holds.
    const settings = { file, ...given } as OptionSettings<OptionType, unknown, boolean>
    if (group !== undefined) settings.group ??= group
    const option = parser.define(name, settings)
    Object.defineProperty(values, name, {
      get: () => option.value,
      set(value: typeof option.value) {
        option.set(value)
      },
      enumerable: true,
    })
  }
  // Each property was made of its part of the schema.
  return Object.seal(values) as OptionValues<Schema>
}
