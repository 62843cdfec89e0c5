import { MalformedError } from '../../lib/bytes/reader.ts'
import { CodecMissingError } from '../../log/batch/index.ts'

/** Why a batch was not appended. Values, not errors: refusing must be as cheap as accepting. */
export type AppendFlawKind =
  | 'corrupt'
  | 'too-large'
  | 'invalid-record'
  | 'invalid-timestamp'
  | 'unsupported-compression'
  | 'unsupported-format'
  | 'out-of-order'
  | 'stale-epoch'
  | 'no-transactions'
  | 'full'
  | 'storage'

/** One record that is at fault, by its place in the batch. */
export type RecordFlaw = { readonly index: number; readonly message: string }

export type AppendFlaw = {
  readonly kind: AppendFlawKind
  readonly message: string
  readonly records: readonly RecordFlaw[]
}

export function appendFlaw(
  kind: AppendFlawKind,
  message: string,
  records: readonly RecordFlaw[] = [],
): AppendFlaw {
  return { kind, message, records }
}

/** What reading or packing records threw, as a flaw; what is no fault of theirs is thrown again. */
export function flawOfError(error: unknown, malformed: AppendFlawKind): AppendFlaw {
  if (error instanceof MalformedError) return appendFlaw(malformed, error.message)
  if (error instanceof CodecMissingError)
    return appendFlaw('unsupported-compression', error.message)
  throw error
}

/** What became of a batch. It is in the log, and not yet confirmed, when there is no flaw. */
export type AppendOutcome = {
  readonly flaw: AppendFlaw | null
  readonly baseOffset: number
  /** What the log made every record's time, or -1 where records keep their own. */
  readonly appendTime: number
}

export function refused(flaw: AppendFlaw): AppendOutcome {
  return { flaw, baseOffset: -1, appendTime: -1 }
}
