import type { Millis } from '../../lib/brand.ts'
import { FRAME_END, frameType } from './constants.ts'

/** Section 4.2.7. */
export const heartbeatFrame = Buffer.from([frameType.HEARTBEAT, 0, 0, 0, 0, 0, 0, FRAME_END])

export type Beat = 'send' | 'dead' | 'none'

/** Says when to send a heartbeat, and when the peer has been silent for too long. */
export class Heartbeat {
  #seconds = 0
  #sentAt: Millis
  #heardAt: Millis
  #wasHeard = false

  constructor(now: Millis) {
    this.#sentAt = now
    this.#heardAt = now
  }

  get seconds(): number {
    return this.#seconds
  }

  /** 0: none in either direction. */
  begin(seconds: number, now: Millis): void {
    this.#seconds = seconds
    this.#sentAt = now
    this.#heardAt = now
  }

  /** Something came: any bytes count. */
  heard(): void {
    this.#wasHeard = true
  }

  /** `isDeaf`: nothing is being read, so nothing can be heard. */
  tick(now: Millis, isDeaf: boolean): Beat {
    if (this.#wasHeard || isDeaf) this.#heardAt = now
    this.#wasHeard = false
    if (this.#seconds === 0) return 'none'
    if (now - this.#heardAt > 2 * this.#seconds * 1000) return 'dead'
    if (now - this.#sentAt < this.#seconds * 500) return 'none'
    this.#sentAt = now
    return 'send'
  }
}
