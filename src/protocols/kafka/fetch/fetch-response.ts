import { MalformedError } from '../../../lib/bytes/index.ts'
import {
  checkStoredBatch,
  compressionOf,
  downConvert,
  type LegacyMagic,
  splitBatches,
} from '../../../log/batch/index.ts'
import { errorCode } from '../constants.ts'
import type { Context } from '../handlers/handler.ts'
import type { FetchRead, FetchResult } from './fetch-read.ts'
import type { FetchPlan, FetchSession } from './fetch-sessions.ts'
import { type FetchRequest, type FetchResponse, TOPIC_IDS_FROM } from './messages.ts'

type TopicResponse = FetchResponse['responses'][number]
type PartitionResponse = TopicResponse['partitions'][number]

const NO_SESSION = 0
const BATCHES_FROM = 4
const MAGIC_1_FROM = 2
const ZSTD_FROM = 10
const READ_COMMITTED = 1

export type ResponseParts = {
  readonly request: FetchRequest
  readonly context: Context
  readonly plan: FetchPlan
}

/** The answer to a fetch that was read; a session remembers what is told here. */
export function fetchResponse(read: FetchRead, parts: ResponseParts): FetchResponse {
  const { plan, context, request } = parts
  let { session } = plan
  const isIncremental = session !== null
  if (plan.wantsSession) {
    const isById = context.version >= TOPIC_IDS_FROM
    const partitions = read.results.map(({ wanted }) => wanted)
    const now = context.broker.runtime.clock.now()
    session = context.services.fetchSessions.create(partitions, { isById, now })
  } else if (session !== null && session.epoch !== nextEpoch(request.sessionEpoch)) {
    // Another request of the session came meanwhile; this one is a repetition.
    return sessionError(errorCode.INVALID_FETCH_SESSION_EPOCH, session.id)
  }
  const responses: Mutable<TopicResponse>[] = []
  for (const result of read.results) {
    if (session !== null && !tell(session, result) && isIncremental) continue
    add(responses, result, partitionResponse(result, request, context.version))
  }
  return { errorCode: 0, sessionId: session?.id ?? NO_SESSION, responses }
}

export function sessionError(code: number, sessionId = NO_SESSION): FetchResponse {
  return { errorCode: code, sessionId, responses: [] }
}

function nextEpoch(epoch: number): number {
  return epoch === 2 ** 31 - 1 ? 1 : epoch + 1
}

/** Remembers what the client knows from now on. False when it knew all of it. */
function tell(session: FetchSession, result: FetchResult): boolean {
  const { wanted, highWatermark, startOffset } = result
  const isNews =
    result.sizeBytes > 0 ||
    result.errorCode !== 0 ||
    wanted.toldHighWatermark !== highWatermark ||
    wanted.toldStartOffset !== startOffset
  // After an error the client is told again, whatever it knew before.
  wanted.toldHighWatermark = result.errorCode === 0 ? highWatermark : -1
  wanted.toldStartOffset = startOffset
  if (result.sizeBytes > 0) session.moveToEnd(wanted)
  return isNews
}

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] }

/** Neighbours of one topic share an entry; the order of partitions is kept, since it is fair. */
function add(
  responses: Mutable<TopicResponse>[],
  { wanted }: FetchResult,
  response: PartitionResponse,
): void {
  const last = responses.at(-1)
  if (last !== undefined && last.topic === wanted.topicName && last.topicId === wanted.topicId) {
    const partitions = last.partitions as PartitionResponse[] // Made below, as an array of ours.
    partitions.push(response)
    return
  }
  responses.push({ topic: wanted.topicName, topicId: wanted.topicId, partitions: [response] })
}

function partitionResponse(
  result: FetchResult,
  request: FetchRequest,
  version: number,
): PartitionResponse {
  const response = {
    partitionIndex: result.wanted.index,
    errorCode: result.errorCode,
    highWatermark: result.highWatermark,
    lastStableOffset: result.highWatermark,
    logStartOffset: result.startOffset,
    abortedTransactions: request.isolationLevel === READ_COMMITTED ? [] : null,
    records: result.batches as readonly Buffer[] | Buffer,
  }
  if (version >= ZSTD_FROM || result.sizeBytes === 0) return response
  return { ...response, ...recordsForOldClients(result, version) }
}

/** Before version 4 there were messages instead of batches, and before version 10 no zstd. */
function recordsForOldClients(
  result: FetchResult,
  version: number,
): { errorCode: number; records: readonly Buffer[] } {
  const batches = result.batches.flatMap(run => {
    const split = splitBatches(run)
    return Array.isArray(split) ? split : []
  })
  if (batches.some(batch => compressionOf(batch) === 'zstd'))
    return { errorCode: errorCode.UNSUPPORTED_COMPRESSION_TYPE, records: [] }
  if (version >= BATCHES_FROM) return { errorCode: 0, records: batches }
  const magic: LegacyMagic = version >= MAGIC_1_FROM ? 1 : 0
  const records: Buffer[] = []
  for (const batch of batches) {
    const converted = convert(batch, magic, result.wanted.offset)
    if (converted === null) return { errorCode: errorCode.CORRUPT_MESSAGE, records: [] }
    records.push(converted)
  }
  return { errorCode: 0, records }
}

function convert(batch: Buffer, magic: LegacyMagic, from: number): Buffer | null {
  // What was read for clients that check it themselves is not passed on as it is.
  if (checkStoredBatch(batch) !== null) return null
  try {
    const messages = downConvert(batch, magic, from)
    return Buffer.isBuffer(messages) ? messages : null
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error
    return null
  }
}
