// Messages
export { HTTPHeaders, isFieldValue, isToken, normalizeHeaderName, type ReceivedFields } from './headers.ts'
export {
  RequestStartLine,
  ResponseStartLine,
  parseRequestStartLine,
  parseResponseStartLine,
} from './start-line.ts'
export { HTTPServerRequest, type HTTPServerRequestInit } from './request.ts'
export { HTTPFile, type HTTPFileInit } from './forms/file.ts'
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
} from './forms/query.ts'
export { parseBodyArguments, type ParseBodyOptions } from './forms/form.ts'
export { parseMultipartFormData, type FilesByName, type ParseMultipartOptions } from './forms/multipart.ts'
export {
  setParseBodyConfig,
  type ParseBodyConfig,
  type ParseMultipartConfig,
} from './forms/parse-body-config.ts'
export { urlConcat, type UrlArguments } from './url.ts'
export { isValidHost, splitHostAndPort } from './host.ts'
export { encodeUsernamePassword } from './fields/credentials.ts'

// Cookies
export { isCookieName, parseCookie, parseRequestCookies, unquoteCookieValue } from './cookies/cookie.ts'
export { buildSetCookie, quoteCookieValue, type SetCookieOptions } from './cookies/set-cookie.ts'
export {
  cookieDomainMatches,
  cookiePathMatches,
  defaultCookiePath,
  parseCookieDate,
  parseSetCookie,
  type ReceivedCookie,
} from './cookies/received-cookie.ts'

// Field values
export {
  currentHttpDate,
  formatTimestamp,
  parseHttpDate,
  type ParseHttpDateOptions,
  type Timestamp,
} from './fields/date.ts'
export {
  parseHeaderParameters,
  parseMediaType,
  type MediaType,
  type ParameterizedValue,
} from './fields/content-type.ts'
export {
  ifMatchMatches,
  ifNoneMatchMatches,
  parseEtagList,
  strongEtagsEqual,
  weakEtagsEqual,
} from './fields/etag.ts'
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
} from './fields/range.ts'
export { negotiateEncoding, parseQualityList, type QualityItem } from './fields/accept.ts'
export {
  forwardedAddress,
  parseForwarded,
  parseForwardedFor,
  type ForwardedElement,
} from './fields/forwarded.ts'
export { formatContentDisposition, formatFormDataDisposition } from './fields/content-disposition.ts'
export { checkTrailers, isTrailerName } from './fields/trailers.ts'

// Uploads as a stream
export {
  MultipartPart,
  multipartBoundary,
  parseMultipartStream,
  type MultipartStreamOptions,
  type ReadPartOptions,
} from './forms/multipart-stream.ts'
export { saveTo } from './forms/save-to.ts'
export { spool, SpooledFile, type SpoolOptions } from './forms/spool.ts'
export { ByteChannel } from './forms/byte-channel.ts'
