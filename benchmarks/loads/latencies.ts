/** Milliseconds, in buckets of two percent each: a million of them cost no more than ten. */
export class Latencies {
  readonly #buckets = new Float64Array(1024)
  #count = 0

  add(milliseconds: number): void {
    const bucket = Math.round(Math.log(Math.max(milliseconds, 0.001) / 0.001) / Math.log(1.02))
    this.#buckets[Math.min(bucket, 1023)]!++
    this.#count++
  }

  quantile(share: number): number {
    let left = this.#count * share
    for (let bucket = 0; bucket < 1024; bucket++) {
      left -= this.#buckets[bucket]!
      if (left <= 0) return Number((0.001 * 1.02 ** bucket).toFixed(2))
    }
    return Number.NaN
  }

  get percentiles(): { readonly p50: number; readonly p99: number; readonly 'p99.9': number } {
    const [p50, p99] = [this.quantile(0.5), this.quantile(0.99)]
    return { p50, p99, 'p99.9': this.quantile(0.999) }
  }
}
