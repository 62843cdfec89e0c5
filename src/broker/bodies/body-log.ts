import type { LogId } from '../../log/store.ts'

/** A log whose records refer to bodies, and from where on. */
export class Holder {
  /** References at or behind `references[n]` are to bodies at or behind `bodies[n]`. */
  readonly references: number[] = []
  readonly bodies: number[] = []
  /** Where the references end, as far as this process knows; -1: it knows nothing. */
  end = -1
  /** Bytes of all bodies of the body log when the last entry was made; -1: an entry is due. */
  bytes = -1

  push(reference: number, body: number): void {
    this.references.push(reference)
    this.bodies.push(body)
  }

  /** The first body that a reference at or behind `start` may be to. */
  needed(start: number): number {
    let passed = 0
    while (passed + 1 < this.references.length && this.references[passed + 1]! <= start) passed++
    this.references.splice(0, passed)
    this.bodies.splice(0, passed)
    return this.bodies[0]!
  }
}

/** A log of bodies that several logs refer to, always the same ones. */
export class BodyLog {
  readonly logId: LogId
  readonly holders = new Map<LogId, Holder>()
  /** Bytes of bodies written by this process. */
  bytes = 0
  /** Written to since it was looked at last. */
  isTouched = false
  isGone = false

  constructor(logId: LogId) {
    this.logId = logId
  }

  holder(logId: LogId): Holder {
    let holder = this.holders.get(logId)
    if (holder === undefined) {
      holder = new Holder()
      this.holders.set(logId, holder)
    }
    return holder
  }
}
