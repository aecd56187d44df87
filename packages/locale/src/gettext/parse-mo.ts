import { CatalogBuilder, charsetOf } from './catalog-builder.ts'
import { decoderOf, decodeText } from '../decode-text.ts'
import { TranslationFileError } from '../errors.ts'
import type { GettextCatalog } from './gettext-catalog.ts'

const magic = 0x950412de
const headSize = 20

/**
 * The catalog in the bytes of a compiled gettext file, of either byte order.
 *
 * @throws {TranslationFileError} For what is no such file, or a damaged one.
 *
 * GNU gettext manual, "The Format of GNU MO Files".
 */
export function parseMo(bytes: Uint8Array): GettextCatalog {
  if (bytes.length < headSize) throw new TranslationFileError(`Cannot be a .mo file: ${bytes.length} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const isLittle = view.getUint32(0, true) === magic
  if (!isLittle && view.getUint32(0) !== magic)
    throw new TranslationFileError('Cannot be a .mo file: wrong magic')
  const major = view.getUint16(isLittle ? 6 : 4, isLittle)
  if (major > 1) throw new TranslationFileError(`Cannot read version ${major} of .mo files`)

  const count = view.getUint32(8, isLittle)
  const keys = readTable(view, view.getUint32(12, isLittle), count, isLittle)
  const values = readTable(view, view.getUint32(16, isLittle), count, isLittle)
  // Strings do not overlap in a real file. In one made to harm, a few bytes could be a thousand long messages.
  if (keys.size + values.size > bytes.length)
    throw new TranslationFileError('Strings overlap in the .mo file')
  return buildCatalog(bytes, keys.ranges, values.ranges)
}

interface StringTable {
  readonly ranges: readonly (readonly [start: number, end: number])[]
  readonly size: number
}

function readTable(view: DataView, offset: number, count: number, isLittle: boolean): StringTable {
  if (offset + count * 8 > view.byteLength) {
    throw new TranslationFileError(`Table of ${count} strings at ${offset} lies beyond the .mo file`)
  }
  const ranges: [number, number][] = []
  let size = 0
  for (let index = 0; index < count; index++) {
    const length = view.getUint32(offset + index * 8, isLittle)
    const start = view.getUint32(offset + index * 8 + 4, isLittle)
    if (start + length > view.byteLength) {
      throw new TranslationFileError(`String of ${length} bytes at ${start} lies beyond the .mo file`)
    }
    ranges.push([start, start + length])
    size += length
  }
  return { ranges, size }
}

function buildCatalog(
  bytes: Uint8Array,
  keys: StringTable['ranges'],
  values: StringTable['ranges'],
): GettextCatalog {
  const builder = new CatalogBuilder()
  const textAt = (range: readonly [number, number] | undefined, decoder: TextDecoder): string => {
    return range === undefined ? '' : decodeText(bytes.subarray(...range), decoder)
  }
  const headerIndex = keys.findIndex(([start, end]) => start === end)
  const rawHeader = textAt(values[headerIndex], decoderOf('latin1'))
  const decoder = decoderOf(charsetOf(rawHeader))
  if (headerIndex !== -1) builder.addHeader(textAt(values[headerIndex], decoder))

  keys.forEach((range, index) => {
    if (range[0] === range[1]) return
    const key = textAt(range, decoder)
    const value = textAt(values[index], decoder)
    const zero = key.indexOf('\0')
    if (zero === -1) builder.addMessage(key, value)
    else builder.addPlural(key.slice(0, zero), value.split('\0'))
  })
  return builder.build()
}
