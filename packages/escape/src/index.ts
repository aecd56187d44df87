// @tornado-ts/escape

// HTML
export { xhtmlEscape } from './xhtml-escape.ts'
export { xhtmlUnescape } from './xhtml-unescape.ts'
export { linkify, type LinkifyOptions } from './linkify.ts'
export { squeeze } from './squeeze.ts'

// URLs
export { urlEscape, type URLEscapeOptions, urlUnescape, type URLUnescapeOptions } from './url-escape.ts'
export { parseQsBytes, type ParseQsOptions } from './parse-qs-bytes.ts'

// JSON
export { jsonDecode, jsonEncode, type JSONEncodeOptions } from './json.ts'

// Bytes and text
export { nativeStr, toBasestring, toUnicode, utf8 } from './unicode.ts'
export { recursiveUnicode } from './recursive-unicode.ts'
export { UnicodeDecodeError } from './errors.ts'
