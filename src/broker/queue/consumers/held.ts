import type { Place } from './roster.ts'

/** Names a message of a queue in one number. */
export const messageKey = (lane: number, offset: number): number => offset * 0x1_0000 + lane

type Holding = { readonly place: Place; readonly since: number }

/** Who has held what, and since when: kept where consumers may take too long. */
export class Held {
  /** The oldest first. */
  readonly #holdings = new Map<number, Holding>()

  handedOut(key: number, place: Place, now: number): void {
    this.#holdings.set(key, { place, since: now })
  }

  settled(key: number): void {
    this.#holdings.delete(key)
  }

  /** Forgets those who are late, and says who they are. */
  late(before: number): Set<Place> {
    const late = new Set<Place>()
    for (const [key, { place, since }] of this.#holdings) {
      if (since > before) break
      late.add(place)
      this.#holdings.delete(key)
    }
    return late
  }

  get isEmpty(): boolean {
    return this.#holdings.size === 0
  }

  /** Since when the one that waits longest does, or null. */
  get oldest(): number | null {
    for (const { since } of this.#holdings.values()) return since
    return null
  }
}
