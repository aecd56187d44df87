/** Types of FastCGI records (FastCGI 1.0 §8). */
export const recordType = {
  beginRequest: 1,
  abortRequest: 2,
  endRequest: 3,
  params: 4,
  stdin: 5,
  stdout: 6,
  stderr: 7,
  data: 8,
  getValues: 9,
  getValuesResult: 10,
  unknownType: 11,
} as const

/** Bytes in front of the content of each record. */
export const recordHeaderSize = 8
/** Most bytes of content put into one record: a multiple of 8, so that it needs no padding. */
export const maxContentSize = 65_528
/** One request at a time runs on a connection, so all of them have the same id. */
export const requestId = 1
