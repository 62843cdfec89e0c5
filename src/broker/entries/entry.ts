import type { Whole } from './entry-id.ts'

export type { Words } from '../../message/entry-fields.ts'

/**
 * One entry, as it is shown: its id, and names and values of its fields in turn. One object shows
 * entry after entry, so nothing of it is valid longer than the call it was given to.
 */
export interface EntryView {
  readonly ms: Whole
  readonly seq: Whole
  /** Names and values together: twice the number of fields. */
  readonly wordCount: number
  /** The buffer a word lies in, and where. Never to be written to. */
  bytes(index: number): Buffer
  start(index: number): number
  end(index: number): number
}

/** What a reader found: asked for the entries themselves by `EntryStream.show`. */
export type Span = {
  /** Entries in it. */
  readonly count: number
  readonly isReversed: boolean
  /** Offsets, the end not included: all entries in between that are not deleted. */
  readonly first: number
  readonly end: number
}
