/** Counts what went well and tells each result as it comes. */
export class Tally {
  readonly counts = { passed: 0, failed: 0, skipped: 0 }

  /** A client that cannot be made ready is a failure in CI, and a skip at home. */
  async isReady(kind: { readonly name: string; prepare(): Promise<void> }): Promise<boolean> {
    try {
      await kind.prepare()
      return true
    } catch (error) {
      const verdict = process.env['CI'] ? 'FAILED' : 'skipped'
      const reason = error instanceof Error ? error.message : String(error)
      console.log(`${verdict} ${kind.name}: ${reason}`)
      if (process.env['CI']) this.counts.failed++
      else this.counts.skipped++
      return false
    }
  }

  async run(name: string, run: () => Promise<void>): Promise<boolean> {
    const began = performance.now()
    try {
      await run()
      this.counts.passed++
      console.log(`ok      ${name} (${Math.round(performance.now() - began)} ms)`)
      return true
    } catch (error) {
      this.counts.failed++
      const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
      console.log(`FAILED  ${name}\n        ${stack.split('\n').slice(0, 30).join('\n        ')}`)
      return false
    }
  }

  /** The line that .ci/run reads. */
  toString(): string {
    const { passed, failed, skipped } = this.counts
    const rest = skipped === 0 ? '' : ` (${skipped} clients skipped)`
    return `${passed} passed, ${failed} failed${rest}`
  }
}
