/** How a client wants to hear of changes: CLIENT TRACKING ON. */
export type TrackingMode = {
  /** The client that is told; 0: it itself. */
  readonly redirect: number
  /** Null: of what it has read. Else: of everything that begins so. */
  readonly prefixes: readonly string[] | null
  /** Whether it says which reads are meant (in), or which are not (out). */
  readonly option: 'in' | 'out' | null
  readonly isSilentToSelf: boolean
}

/** What is tracked for one client. */
export class Tracking {
  readonly mode: TrackingMode
  /** CLIENT CACHING was said: it is about the next command. */
  isCachingSaid = false
  /** Whom it redirected to is gone. */
  isBroken = false

  constructor(mode: TrackingMode) {
    this.mode = mode
  }

  get redirect(): number {
    return this.mode.redirect
  }

  get isBroadcast(): boolean {
    return this.mode.prefixes !== null
  }

  /** Whether what it reads now is to be remembered. */
  get remembers(): boolean {
    const { option, prefixes } = this.mode
    if (prefixes !== null) return false
    return option === null || (option === 'in') === this.isCachingSaid
  }
}
