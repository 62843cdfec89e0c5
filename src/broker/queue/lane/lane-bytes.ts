/** Bytes of bodies in a lane, for limits on them. Kept only where somebody asked. */
export class LaneBytes {
  #unsettled: number
  #ready: number
  /** Of those that were handed out and are not settled, whether they came back or not. */
  readonly #bytesOf = new Map<number, number>()

  /** All that is there is ready. */
  constructor(bytes: number) {
    this.#unsettled = bytes
    this.#ready = bytes
  }

  /** Never negative, though what others wrote into the log was not counted. */
  get ready(): number {
    return Math.max(0, this.#ready)
  }

  get unsettled(): number {
    return Math.max(0, this.#unsettled)
  }

  /** False also when it was counted below zero. */
  get isZero(): boolean {
    return this.#unsettled === 0 && this.#ready === 0
  }

  appended(bytes: number): void {
    this.#unsettled += bytes
    this.#ready += bytes
  }

  taken(offset: number, bytes: number): void {
    this.#ready -= bytes
    this.#bytesOf.set(offset, bytes)
  }

  back(offset: number): void {
    this.#ready += this.#bytesOf.get(offset) ?? 0
  }

  /** A range, both ends included, of what was handed out. */
  settled(first: number, last: number): void {
    for (let offset = first; offset <= last && this.#bytesOf.size > 0; offset++) {
      this.#unsettled -= this.#bytesOf.get(offset) ?? 0
      this.#bytesOf.delete(offset)
    }
  }

  /** It was ready, and is gone. */
  lost(offset: number): void {
    this.#ready -= this.#bytesOf.get(offset) ?? 0
    this.settled(offset, offset)
  }

  /** Only what is out, or came back and waits for its time, is left. */
  purged(waiting: Iterable<number>, ready: Iterable<number>): void {
    let left = 0
    for (const offset of waiting) left += this.#bytesOf.get(offset) ?? 0
    for (const offset of ready) this.#bytesOf.delete(offset)
    this.#unsettled -= this.#ready - left
    this.#ready = left
  }
}
