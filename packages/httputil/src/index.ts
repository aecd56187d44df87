// Messages
export { HTTPHeaders, isFieldValue, isToken, normalizeHeaderName, type ReceivedFields } from './headers.ts'
export {
  RequestStartLine,
  ResponseStartLine,
  parseRequestStartLine,
  parseResponseStartLine,
} from './start-line.ts'
export { HTTPServerRequest, type HTTPServerRequestInit } from './request.ts'
export { HTTPFile, type HTTPFileInit } from './file.ts'
export { responses } from './responses.ts'

// Between the layers
export type {
  ConnectionContext,
  HTTPConnection,
  HTTPMessageDelegate,
  HTTPServerConnectionDelegate,
} from './delegates.ts'

// Errors
export { HTTPInputError, HTTPOutputError, type HTTPInputErrorOptions } from './errors.ts'

// Queries, forms and URLs
export {
  decodeUtf8,
  defaultMaxFields,
  parseQueryArguments,
  qsToQsl,
  rawBytes,
  type ParseQueryOptions,
  type RawArguments,
} from './query.ts'
export { parseBodyArguments, type ParseBodyOptions } from './form.ts'
export { parseMultipartFormData, type FilesByName, type ParseMultipartOptions } from './multipart.ts'
export { setParseBodyConfig, type ParseBodyConfig, type ParseMultipartConfig } from './parse-body-config.ts'
export { urlConcat, type UrlArguments } from './url.ts'
export { isValidHost, splitHostAndPort } from './host.ts'
export { encodeUsernamePassword } from './credentials.ts'

// Cookies
export { isCookieName, parseCookie, parseRequestCookies, unquoteCookieValue } from './cookie.ts'
export { buildSetCookie, quoteCookieValue, type SetCookieOptions } from './set-cookie.ts'
export {
  cookieDomainMatches,
  cookiePathMatches,
  defaultCookiePath,
  parseCookieDate,
  parseSetCookie,
  type ReceivedCookie,
} from './received-cookie.ts'

// Field values
export {
  currentHttpDate,
  formatTimestamp,
  parseHttpDate,
  type ParseHttpDateOptions,
  type Timestamp,
} from './date.ts'
export {
  parseHeaderParameters,
  parseMediaType,
  type MediaType,
  type ParameterizedValue,
} from './content-type.ts'
export {
  ifMatchMatches,
  ifNoneMatchMatches,
  parseEtagList,
  strongEtagsEqual,
  weakEtagsEqual,
} from './etag.ts'

// Trailers
export { checkTrailers, isTrailerName } from './trailers.ts'
export {
  formatContentRange,
  ifRangeMatches,
  parseContentRange,
  parseRange,
  resolveRange,
  type ByteRange,
  type ContentRange,
  type ParseRangeOptions,
  type RangeValidators,
  type ResolvedRange,
} from './range.ts'
export { negotiateEncoding, parseQualityList, type QualityItem } from './accept.ts'
export { forwardedAddress, parseForwarded, parseForwardedFor, type ForwardedElement } from './forwarded.ts'

// Uploads as a stream
export {
  MultipartPart,
  multipartBoundary,
  parseMultipartStream,
  type MultipartStreamOptions,
  type ReadPartOptions,
} from './multipart-stream.ts'
export { saveTo } from './save-to.ts'
export { spool, SpooledFile, type SpoolOptions } from './spool.ts'
export { ByteChannel } from './byte-channel.ts'
export { formatContentDisposition, formatFormDataDisposition } from './content-disposition.ts'
