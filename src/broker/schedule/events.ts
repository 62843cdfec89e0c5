import type { LogId } from '../../log/store.ts'

/** How many messages came to, or left, the exchange of a number. */
export type Counts = readonly (readonly [exchangeId: number, count: number])[]

/** What happened to messages that wait. Journaled, replayed, and never changed afterwards. */
export type ScheduleEvent =
  /** An exchange lets messages wait for the first time. Numbers are never used again. */
  | {
      readonly kind: 'exchange'
      readonly id: number
      readonly namespace: string
      readonly name: string
    }
  /** The exchange is gone, and all that waits for it. */
  | { readonly kind: 'cancelled'; readonly id: number }
  | {
      readonly kind: 'made'
      readonly bucket: number
      readonly widthMs: number
      readonly start: number
      readonly log: LogId
    }
  /** What comes from now on goes to narrower ones, and what is there is moved to them. */
  | { readonly kind: 'split'; readonly bucket: number }
  /** All below an offset was moved. */
  | { readonly kind: 'moved'; readonly bucket: number; readonly before: number }
  /** Its log is gone: everything was moved. */
  | { readonly kind: 'drained'; readonly bucket: number }
  | { readonly kind: 'dropped'; readonly bucket: number }
  | { readonly kind: 'added'; readonly counts: Counts }
  /** Pairs of: distance from the range before, number of offsets. */
  | {
      readonly kind: 'fired'
      readonly bucket: number
      readonly ranges: readonly number[]
      readonly counts: Counts
    }

export const encodeEvent = (event: ScheduleEvent): Buffer => Buffer.from(JSON.stringify(event))
// The bytes are our own and checked by the log, so their shape is known.
export const decodeEvent = (bytes: Buffer): ScheduleEvent =>
  JSON.parse(bytes.toString()) as ScheduleEvent

/** Ranges of offsets, which are sorted in place. */
export function rangesOf(offsets: number[]): number[] {
  offsets.sort((one, other) => one - other)
  const ranges: number[] = []
  let end = 0
  for (let index = 0; index < offsets.length; ) {
    const first = offsets[index]!
    let next = first
    while (index < offsets.length && offsets[index] === next) {
      next++
      index++
    }
    ranges.push(first - end, next - first)
    end = next
  }
  return ranges
}
