import type { AppendFlawKind, AppendOutcome } from '../../../../broker/producer/index.ts'
import type { Partition, Topic } from '../../../../broker/topic/index.ts'
import {
  batchBytes,
  type BatchProblem,
  compressionOf,
  HEADER_BYTES,
  upConvert,
} from '../../../../log/batch/index.ts'
import type { Durability } from '../../../../log/store.ts'
import { errorCode } from '../../constants.ts'
import { produce, type RequestOf, type ResponseDraft } from '../../schema/index.ts'
import { ClosingError, type Context, handler } from '../handler.ts'

type Request = RequestOf<typeof produce>
type Response = ResponseDraft<typeof produce>
type PartitionResponse = Response['responses'][number]['partitionResponses'][number]

const errorOfFlaw = {
  corrupt: errorCode.CORRUPT_MESSAGE,
  'too-large': errorCode.MESSAGE_TOO_LARGE,
  'invalid-record': errorCode.INVALID_RECORD,
  'invalid-timestamp': errorCode.INVALID_TIMESTAMP,
  'unsupported-compression': errorCode.UNSUPPORTED_COMPRESSION_TYPE,
  'unsupported-format': errorCode.UNSUPPORTED_FOR_MESSAGE_FORMAT,
  'out-of-order': errorCode.OUT_OF_ORDER_SEQUENCE_NUMBER,
  'stale-epoch': errorCode.INVALID_PRODUCER_EPOCH,
  'no-transactions': errorCode.INVALID_TXN_STATE,
  full: errorCode.POLICY_VIOLATION,
  storage: errorCode.KAFKA_STORAGE_ERROR,
} as const satisfies Record<AppendFlawKind, number>

/** The first version that sends batches instead of message sets. */
const BATCHES_FROM = 3
const TOPIC_IDS_FROM = 13
const ZSTD_FROM = 7
const MAGIC_AT = 16

/**
 * 0–2: message sets, rewritten as batches. 3–12: one batch for each partition. 13: topics by id.
 * Answered when everything that was appended is as safe as its topic demands.
 */
export const produceHandler = handler(produce, [0, 13], (request, context) => {
  const job = new ProduceJob(request, context)
  const { acks } = request
  if (acks === 0) return job.finishSilently()
  return job.response()
})

/** One request on its way: what was appended, and what still must be confirmed. */
class ProduceJob {
  readonly #request: Request
  readonly #context: Context
  readonly #durabilities: Durability[] = []
  readonly #responses: Response['responses'][number][] = []
  /** Partitions that are answered with an offset once they are confirmed. */
  readonly #appended: { response: Mutable<PartitionResponse>; durability: Durability }[] = []
  #firstError: PartitionResponse | undefined

  constructor(request: Request, context: Context) {
    this.#request = request
    this.#context = context
    const { topics } = context.broker
    const isById = context.version >= TOPIC_IDS_FROM
    for (const { name, topicId, partitionData } of request.topicData) {
      const topic = isById ? topics.byId(topicId) : topics.byName(name)
      const partitionResponses = partitionData.map(({ index, records }) =>
        this.#produce(topic, index, records),
      )
      this.#responses.push({ name, topicId, partitionResponses })
    }
  }

  /** With acks=0 the client hears of an error by losing its connection, as in Apache Kafka. */
  finishSilently(): null {
    this.#context.broker.runtime.store.hurry()
    if (this.#firstError === undefined) return null
    const { errorCode: code, errorMessage } = this.#firstError
    throw new ClosingError(`error ${code} in a produce request with acks=0: ${errorMessage ?? ''}`)
  }

  response(): Response | Promise<Response> {
    const response = { responses: this.#responses }
    if (this.#appended.length === 0) return response
    const { store } = this.#context.broker.runtime
    return new Promise(resolve => {
      let waiting = this.#durabilities.length
      for (const durability of this.#durabilities) {
        store.whenConfirmed(durability, refusal => {
          if (refusal !== null) this.#failAppended(durability, refusal.message)
          if (--waiting === 0) resolve(response)
        })
      }
    })
  }

  #produce(topic: Topic | undefined, index: number, records: Buffer | null): PartitionResponse {
    const partition = topic?.partitions[index]
    if (partition === undefined) return this.#failed(index, missingCode(topic, this.#context), null)
    if (partition.topic.isInternal)
      return this.#failed(index, errorCode.INVALID_TOPIC_EXCEPTION, 'the topic is internal')
    const { acks } = this.#request
    if (acks !== 0 && acks !== 1 && acks !== -1)
      return this.#failed(index, errorCode.INVALID_REQUIRED_ACKS, `acks=${acks} means nothing`)
    const batch = theBatch(records, this.#context.version)
    if (!Buffer.isBuffer(batch)) return this.#failed(index, batch.code, batch.message)
    return this.#answer(partition, this.#context.broker.appender.append(partition, batch))
  }

  #answer(partition: Partition, outcome: AppendOutcome): PartitionResponse {
    const { flaw, baseOffset, appendTime } = outcome
    if (flaw !== null) {
      const recordErrors = flaw.records.map(({ index, message }) => {
        return { batchIndex: index, batchIndexErrorMessage: message }
      })
      const failed = this.#failed(partition.index, errorOfFlaw[flaw.kind], flaw.message)
      return { ...failed, recordErrors }
    }
    const response = {
      index: partition.index,
      errorCode: 0,
      baseOffset,
      logAppendTimeMs: appendTime,
      logStartOffset: partition.log.startOffset,
      errorMessage: null,
    }
    const { durability } = partition.log.policy
    this.#appended.push({ response, durability })
    if (!this.#durabilities.includes(durability)) this.#durabilities.push(durability)
    return response
  }

  #failed(index: number, code: number, errorMessage: string | null): PartitionResponse {
    const response = {
      index,
      errorCode: code,
      baseOffset: -1,
      logAppendTimeMs: -1,
      logStartOffset: -1,
      errorMessage,
    }
    this.#firstError ??= response
    return response
  }

  /** Whether they will be found in the log is not known: the producer has to ask again. */
  #failAppended(durability: Durability, message: string): void {
    for (const appended of this.#appended) {
      if (appended.durability !== durability) continue
      appended.response.errorCode = errorCode.KAFKA_STORAGE_ERROR
      appended.response.baseOffset = -1
      appended.response.errorMessage = message
    }
  }
}

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] }

function missingCode(topic: Topic | undefined, context: Context): number {
  return topic === undefined && context.version >= TOPIC_IDS_FROM
    ? errorCode.UNKNOWN_TOPIC_ID
    : errorCode.UNKNOWN_TOPIC_OR_PARTITION
}

type RecordsFlaw = { readonly code: number; readonly message: string }

/** The one batch that a request may bring for a partition, or what is wrong with it. */
function theBatch(records: Buffer | null, version: number): Buffer | RecordsFlaw {
  if (records === null || records.length <= MAGIC_AT)
    return invalid(`version ${version} must bring at least one record batch for each partition`)
  if (version < BATCHES_FROM) return fromMessages(records)
  if (records[MAGIC_AT] !== 2)
    return invalid(`version ${version} may only bring record batches of magic 2`)
  if (batchBytes(records) < records.length)
    return invalid(`version ${version} may bring only one record batch for each partition`)
  const isZstd = records.length >= HEADER_BYTES && compressionOf(records) === 'zstd'
  if (isZstd && version < ZSTD_FROM) {
    return {
      code: errorCode.UNSUPPORTED_COMPRESSION_TYPE,
      message: `version ${version} may not bring records compressed with zstd`,
    }
  }
  return records
}

/** Old clients send a set of single messages, or of messages that wrap compressed ones. */
function fromMessages(records: Buffer): Buffer | RecordsFlaw {
  const batch = upConvert(records)
  return Buffer.isBuffer(batch) ? batch : { code: codeOf(batch), message: batch.message }
}

function codeOf({ kind }: BatchProblem): number {
  if (kind === 'corrupt') return errorCode.CORRUPT_MESSAGE
  return kind === 'compression' ? errorCode.UNSUPPORTED_COMPRESSION_TYPE : errorCode.INVALID_RECORD
}

function invalid(message: string): RecordsFlaw {
  return { code: errorCode.INVALID_RECORD, message }
}
