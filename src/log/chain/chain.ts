import type { Extent } from '../internals.ts'
import type { ClosedSlot } from './forming-slot.ts'
import type { SlotSpan } from './slot-span.ts'

/**
 * Where slots go, in order. One call at a time: the writer waits for each, but for `writeNow`
 * without a sync, which may come while one is made, and is not a part of it. After a failed `write`
 * or `sync` nothing may be written until `moveOn`, because what a failed sync left behind nobody
 * can know.
 */
export interface Chain {
  /** Hands the slot to the operating system. */
  write(slot: ClosedSlot): Promise<void>
  /**
   * Writes the slot at once, while the whole process waits, and with `isSynced` syncs it with all
   * before it. False, and nothing is done, when that could take long: the disk was slow lately, or
   * a file is full.
   */
  writeNow(slot: ClosedSlot, isSynced: boolean): boolean
  /** Returns once all slots written survive a power cut. */
  sync(): Promise<void>
  /**
   * Gives up what is not synced: it will be written again, to another place. Returns the first such
   * slot; a file that was full may have been synced before the next one failed.
   */
  moveOn(): number
  /** A part of a slot's body, which lies in `into` then, if that is given. */
  readBody(slot: number, position: number, length: number, into?: Buffer): Promise<Buffer>
  /** The same at once, while the whole process waits. */
  readBodyNow(slot: number, position: number, length: number): Buffer
  /** Whole slots from `from` on and below `to`: one at least, more as fit in `into`. */
  readSpan(from: number, to: number, into: Buffer): Promise<SlotSpan>
  /** Bytes a slot takes in its file; 0 for one that is not there any more. */
  footprintBytes(slot: number): number
  /** What all slots `from <= slot < to` take that are still there. Costs the same for any run. */
  extent(from: number, to: number): Extent
  /** For people: where the slot lies. */
  place(slot: number): { readonly path: string; readonly position: number }
  /** Slots below this one are in files that are not written to any more. */
  readonly closedBelow: number
  /** Nobody needs slots below `slot` any more. */
  forgetBelow(slot: number): Promise<void>
  /** After a failure: is there room again for more than what had failed? */
  makeRoom(): Promise<boolean>
  close(): Promise<void>
}
