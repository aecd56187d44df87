/** The types that options can have, by their names. */
export interface OptionTypes {
  string: string
  /** A whole number: `8888`, `1_000_000`. */
  int: number
  float: number
  /** `false`, `0` and `f` are false, in any case; all else is true. */
  bool: boolean
  /** A point in time, `2026-05-20 14:05` and other forms, in local time unless a zone is told. */
  date: Date
  /** A duration in milliseconds, told as `1h 30m`. */
  duration: number
}

export type OptionTypeName = keyof OptionTypes

/** A type by its name, or a function that makes a value of the text and throws for what is none. */
export type OptionType = OptionTypeName | ((text: string) => unknown)

/** The type of one value of an option. */
type OptionElement<Type, Default> = Type extends OptionTypeName
  ? OptionTypes[Type]
  : Type extends (text: string) => infer Value
    ? Value
    : Default extends string | number | boolean | Date
      ? Widened<Default>
      : string

type Widened<T> = T extends string ? string : T extends number ? number : T extends boolean ? boolean : T

/** The type of an option's value: a list where it is `multiple`, with `null` where it has no default. */
export type OptionValue<Type, Default, Multiple> = Multiple extends true
  ? OptionElement<Type, undefined>[]
  : Default extends null | undefined
    ? OptionElement<Type, undefined> | null
    : OptionElement<Type, Default>

/** How an option is defined. */
export interface OptionSettings<Type, Default, Multiple> {
  /** What is parsed. @default the type of `default`; `string` without one, and for `multiple` */
  type?: Type
  /** The value until another is set. @default null, and the empty list for `multiple` */
  default?: Default
  /** Whether the value is a list: `--port=80,443`, of integers also `--port=8000:8003`. @default false */
  multiple?: Multiple
  /** What the help says. */
  help?: string
  /** What stands for the value in the help: `--port=PORT`. */
  metavar?: string
  /** The heading in the help, and the name for `groupDict`. @default `file` */
  group?: string
  /** Called with each value that is parsed or set. What it throws reaches whoever sets. */
  callback?: (value: OptionValue<Type, Default, Multiple>) => void
  /** The file that defines the option, told when another defines it too. @default the caller's */
  file?: string
}
