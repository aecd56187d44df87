import { negotiateEncoding } from '@tornado-ts/httputil'
import { gzipEncoder, type ContentEncoder } from './content-encoder.ts'
import { ContentEncodingTransform, tornadoTypes, type EncodingPlan } from './content-encoding.ts'

/**
 * A transform that knows gzip alone, for the setting `transforms`. A subclass may change the constants.
 * Tornado: web.GZipContentEncoding.
 */
export class GZipContentEncoding extends ContentEncodingTransform {
  /** Content types that are compressed, beside all of `text`. */
  static readonly CONTENT_TYPES: ReadonlySet<string> = tornadoTypes
  /** From 1, fast, to 9, small. */
  static readonly GZIP_LEVEL: number = 6
  /** Smallest body, in bytes, that is compressed, if its length is known. */
  static readonly MIN_LENGTH: number = 1024

  protected override get plan(): EncodingPlan {
    const gzipClass = this.constructor as typeof GZipContentEncoding
    let plan = plans.get(gzipClass)
    if (plan === undefined) plans.set(gzipClass, (plan = planOf(gzipClass)))
    return plan
  }
}

const plans = new WeakMap<typeof GZipContentEncoding, EncodingPlan>()

function planOf({ CONTENT_TYPES, GZIP_LEVEL, MIN_LENGTH }: typeof GZipContentEncoding): EncodingPlan {
  const gzip: ContentEncoder = gzipEncoder({ level: GZIP_LEVEL })
  return {
    minLength: MIN_LENGTH,
    isCompressible: (type) => type.startsWith('text/') || CONTENT_TYPES.has(type),
    negotiate: (accepted) => ({
      encoder: negotiateEncoding(accepted, ['gzip']) === 'gzip' ? gzip : null,
      required: negotiateEncoding(accepted, []) === null,
    }),
  }
}
