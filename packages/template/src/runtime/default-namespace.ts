import { jsonEncode, linkify, squeeze, urlEscape, xhtmlEscape } from '@tornado-ts/escape'
import { NameError } from '../errors.ts'

/**
 * The names that every template knows: Tornado's, in both spellings, and those of JavaScript's globals that only
 * compute. A loader's namespace and what `generate` is given come before them.
 */
export interface DefaultNamespace {
  readonly escape: typeof xhtmlEscape
  readonly xhtmlEscape: typeof xhtmlEscape
  readonly xhtml_escape: typeof xhtmlEscape
  readonly urlEscape: typeof urlEscape
  readonly url_escape: typeof urlEscape
  readonly jsonEncode: typeof jsonEncode
  readonly json_encode: typeof jsonEncode
  readonly squeeze: typeof squeeze
  readonly linkify: typeof linkify
  readonly Array: typeof Array
  readonly BigInt: typeof BigInt
  readonly Boolean: typeof Boolean
  readonly Date: typeof Date
  readonly Error: typeof Error
  readonly Intl: typeof Intl
  readonly JSON: typeof JSON
  readonly Map: typeof Map
  readonly Math: typeof Math
  readonly NameError: typeof NameError
  readonly Number: typeof Number
  readonly Object: typeof Object
  readonly RangeError: typeof RangeError
  readonly ReferenceError: typeof ReferenceError
  readonly RegExp: typeof RegExp
  readonly Set: typeof Set
  readonly String: typeof String
  readonly TypeError: typeof TypeError
  readonly decodeURIComponent: typeof decodeURIComponent
  readonly encodeURIComponent: typeof encodeURIComponent
  readonly isFinite: typeof isFinite
  readonly isNaN: typeof isNaN
  readonly parseFloat: typeof parseFloat
  readonly parseInt: typeof parseInt
}

export const defaultNamespace: DefaultNamespace = {
  escape: xhtmlEscape,
  xhtmlEscape,
  xhtml_escape: xhtmlEscape,
  urlEscape,
  url_escape: urlEscape,
  jsonEncode,
  json_encode: jsonEncode,
  squeeze,
  linkify,
  Array,
  BigInt,
  Boolean,
  Date,
  Error,
  Intl,
  JSON,
  Map,
  Math,
  NameError,
  Number,
  Object,
  RangeError,
  ReferenceError,
  RegExp,
  Set,
  String,
  TypeError,
  decodeURIComponent,
  encodeURIComponent,
  isFinite,
  isNaN,
  parseFloat,
  parseInt,
}
