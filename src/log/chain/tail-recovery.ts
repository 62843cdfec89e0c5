import { assert } from '../../lib/assert.ts'

/** What is seen at the place where the next slot of the chain should be. */
export type TailFinding = {
  /** A header that is whole, of this file, and follows the slot before. */
  readonly headerHolds: boolean
  /** The index fits its checksum; null where there is no header to say where it is. */
  readonly indexHolds: boolean | null
  /** All batches fit theirs; null without an index, and where a sync is proven. */
  readonly batchesHold: boolean | null
  /** A checkpoint or a later slot says that this slot had been synced. */
  readonly provenSynced: boolean
}

export type TailAction = 'keep' | 'cut' | 'stop'

type Row = { readonly [Field in keyof TailFinding]: TailFinding[Field] | 'any' } & {
  readonly action: TailAction
}

/**
 * A slot is acknowledged after it was synced, and a slot written later says so. So what was not
 * proven to be synced may be torn and is cut; anything else is damage, and the operator must know.
 */
export const tailTable: readonly Row[] = [
  row(true, true, true, 'any', 'keep'),
  row(true, true, null, true, 'keep'),
  row(true, true, false, false, 'cut'),
  row(true, false, null, false, 'cut'),
  row(false, null, null, false, 'cut'),
  row(true, true, false, true, 'stop'),
  row(true, false, null, true, 'stop'),
  row(false, null, null, true, 'stop'),
]

export function tailAction(finding: TailFinding): TailAction {
  const rows = tailTable.filter(candidate => matches(candidate, finding))
  assert(rows.length === 1, `one row answers ${JSON.stringify(finding)}`)
  return rows[0]!.action
}

const fields = ['headerHolds', 'indexHolds', 'batchesHold', 'provenSynced'] as const

const matches = (candidate: Row, finding: TailFinding): boolean =>
  fields.every(field => candidate[field] === 'any' || candidate[field] === finding[field])

/** Five columns, so that the table above reads as one. */
function row(
  headerHolds: Row['headerHolds'],
  indexHolds: Row['indexHolds'],
  batchesHold: Row['batchesHold'],
  provenSynced: Row['provenSynced'],
  action: TailAction,
): Row {
  return { headerHolds, indexHolds, batchesHold, provenSynced, action }
}
