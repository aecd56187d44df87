/** What an {@link HTTPFile} is made of. */
export interface HTTPFileInit {
  readonly filename: string
  readonly body: Uint8Array
  readonly contentType: string
}

/**
 * An uploaded file of a multipart form.
 *
 * @see Tornado: httputil.HTTPFile
 */
export class HTTPFile {
  /** The name the client gave it: data, not a path. It may hold `../../`, drive letters and line ends. */
  readonly filename: string
  /** Its bytes: a view of the request's body, not a copy. */
  readonly body: Uint8Array
  /** The media type the client gave it, or `application/unknown`. */
  readonly contentType: string

  constructor({ filename, body, contentType }: HTTPFileInit) {
    this.filename = filename
    this.body = body
    this.contentType = contentType
  }
}
