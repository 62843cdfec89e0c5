import type { LogLane, QueueState } from '../queue/index.ts'
import type { Loans } from './loans.ts'
import { publication, view } from './looking.ts'
import type { Places } from './places.ts'
import { fillFrom } from './republish.ts'

export type Rewrite = {
  readonly queue: QueueState
  readonly places: Places
  /** What of it lies there on loan goes on doing so. */
  readonly loans: Loans | null
  /** So many are nearer to the head than the one that is changed, or that one is added before. */
  readonly nearer: number
  readonly isReplaced: boolean
  /** Makes of the publication what is to be there. */
  readonly change: () => void
}

/**
 * Changes the middle of a list: what lies on its shorter side is appended again, with the
 * properties it has, and taken out where it was.
 */
export function rewrite({ queue, places, loans, nearer, isReplaced, change }: Rewrite): void {
  const { lane, before } = places.laneAt(nearer)
  const place = nearer - before
  const count = lane.offsets.readyCountTo(lane.log.endOffset)
  const isAtHead = place < count - place
  const from = isAtHead ? 0 : place
  const to = isAtHead ? place + (isReplaced ? 1 : 0) : count
  const moved: number[] = []
  places.eachIn(lane, from, to - from, offset => moved.push(offset))
  const add = (): number => {
    const offset = lane.log.endOffset + queue.host.packers.waitingCount(lane.log.id)
    if (isAtHead) queue.addFirst(lane, publication)
    else queue.addLast(lane, publication)
    return offset
  }
  if (!isReplaced) {
    change()
    add()
  }
  if (isAtHead) moved.reverse()
  for (const [index, offset] of moved.entries()) {
    if (!lane.showNow(offset, view, !isAtHead)) {
      lane.takeOut(offset, 0)
      continue
    }
    const { bodyBytes } = view
    fillFrom(publication, view)
    if (isReplaced && index === 0) change()
    const next = add()
    lane.offsets.carry(next, lane.offsets.countOfReady(offset))
    if (loans !== null) moveLoan(loans, lane, offset, next)
    lane.takeOut(offset, bodyBytes)
  }
}

function moveLoan(loans: Loans, lane: LogLane, from: number, to: number): void {
  const loan = loans.find(lane.index, from)
  if (loan !== undefined) loans.moved(loan, to)
}

/** Takes out so many from a place on, counted from the head. */
export function cut(places: Places, loans: Loans | null, from: number, count: number): void {
  const found: [LogLane, number][] = []
  places.each(from, count, (lane, offset) => found.push([lane, offset]) > 0)
  for (const [lane, offset] of found) {
    loans?.ended(lane.index, offset)
    // Bytes are only known to those who look.
    const isSized = lane.offsets.bytes !== null && lane.showNow(offset, view, false)
    lane.takeOut(offset, isSized ? view.bodyBytes : 0)
  }
}
