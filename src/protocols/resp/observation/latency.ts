const SAMPLES_MAX = 160

export type LatencySample = { readonly at: number; readonly milliseconds: number }

/** When something took long, by what it was: `command`, `fast-command`. */
export class Latency {
  /** 0: nothing is noted. */
  thresholdMs = 0
  readonly #samples = new Map<string, LatencySample[]>()
  readonly #worst = new Map<string, number>()

  get events(): Iterable<string> {
    return this.#samples.keys()
  }

  /** From the oldest to the newest; one a second at most, the longest. */
  of(event: string): readonly LatencySample[] {
    return this.#samples.get(event) ?? []
  }

  worst(event: string): number {
    return this.#worst.get(event) ?? 0
  }

  /** `at`: seconds since 1970. */
  note(event: string, at: number, milliseconds: number): void {
    if (this.thresholdMs === 0 || milliseconds < this.thresholdMs) return
    let samples = this.#samples.get(event)
    if (samples === undefined) this.#samples.set(event, (samples = []))
    const last = samples.at(-1)
    if (last?.at !== at) samples.push({ at, milliseconds })
    else if (last.milliseconds < milliseconds) samples[samples.length - 1] = { at, milliseconds }
    if (samples.length > SAMPLES_MAX) samples.shift()
    this.#worst.set(event, Math.max(this.worst(event), milliseconds))
  }

  /** How many there were of it. Without an event: of all. */
  reset(events: readonly string[] | null): number {
    const chosen = events ?? [...this.#samples.keys()]
    let count = 0
    for (const event of chosen) {
      if (this.#samples.delete(event)) count++
      this.#worst.delete(event)
    }
    return count
  }
}
