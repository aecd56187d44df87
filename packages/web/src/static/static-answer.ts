import { formatContentRange, type ResolvedRange } from '@tornado-ts/httputil'
import type { RequestHandler } from '../request-handler.ts'
import { MultipartRanges, rangeSize, type RangePlan } from './static-ranges.ts'
import type { StaticSource } from './static-source.ts'
import type { StaticContent } from './static-version.ts'

/** What {@link answerContent} is told. */
export interface ContentAnswer {
  readonly plan: RangePlan
  /** Bytes of the whole. */
  readonly size: number
  /** The media type, of each part. */
  readonly contentType: string
  /** Not for HEAD. */
  readonly withBody: boolean
}

/** Answers with a content, or with the ranges of it that were asked for. */
export async function answerContent<Settings extends object>(
  handler: RequestHandler<Settings>,
  source: StaticSource,
  { plan, size, contentType, withBody }: ContentAnswer,
): Promise<void> {
  if (plan === 'unsatisfiable') {
    refuseContent(handler, 416)
    handler.setHeader('Content-Type', 'text/plain')
    handler.setHeader('Content-Range', formatContentRange(null, size))
  } else if (plan === 'whole') {
    handler.setHeader('Content-Length', size)
    if (withBody) await sendPieces(handler, source.content())
  } else if (plan.length === 1) {
    const [range] = plan
    handler.setStatus(206)
    handler.setHeader('Content-Range', formatContentRange(range, size))
    handler.setHeader('Content-Length', rangeSize(range))
    if (withBody) await sendPieces(handler, source.content(range.first, range.last + 1))
  } else {
    const frame = new MultipartRanges(plan, { contentType, size })
    handler.setStatus(206)
    handler.setHeader('Content-Type', frame.contentType)
    handler.setHeader('Content-Length', frame.size)
    if (withBody) await sendParts(handler, source, plan, frame)
  }
}

/** Answers without content; and that nobody is to keep. */
export function refuseContent<Settings extends object>(
  handler: RequestHandler<Settings>,
  status: 412 | 416,
): void {
  handler.setStatus(status)
  for (const name of ['Content-Encoding', 'Expires', 'Cache-Control']) handler.clearHeader(name)
}

async function sendParts<Settings extends object>(
  handler: RequestHandler<Settings>,
  source: StaticSource,
  ranges: readonly ResolvedRange[],
  frame: MultipartRanges,
): Promise<void> {
  for (const [index, { first, last }] of ranges.entries()) {
    handler.write(frame.headOf(index))
    await sendPieces(handler, source.content(first, last + 1))
  }
  handler.write(frame.end)
}

/** What comes whole is left for the end of the response to send, together with the head. */
async function sendPieces<Settings extends object>(
  handler: RequestHandler<Settings>,
  content: StaticContent,
): Promise<void> {
  if (typeof content === 'string' || content instanceof Uint8Array) {
    handler.write(content)
    return
  }
  for await (const piece of content) {
    handler.write(piece)
    await handler.flush()
  }
}
