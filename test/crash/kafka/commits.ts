/**
 * What is committed for one partition of a group, as far as its only consumer was told or saw. It
 * sends one commit after the other; of those that were never answered, any may have been done.
 */
export class Commits {
  /** Every offset that was sent, in that order, behind the start: where nothing is committed. */
  readonly #sent = [0]
  /** Of those, the last that is known to have been done. */
  #done = 0

  /** A commit is about to be sent. Returns what to say when it is answered. */
  sent(offset: number): number {
    return this.#sent.push(offset) - 1
  }

  /** The broker said that it is safe. */
  acknowledged(commit: number): void {
    this.#done = Math.max(this.#done, commit)
  }

  /** What a question about the offset may be answered with is counted from here on. */
  get asked(): number {
    return this.#done
  }

  /**
   * The broker told this offset, or the consumer goes on there. Returns what is wrong with that, or
   * null. What was told once is as good as acknowledged.
   */
  found(offset: number, asked = this.asked): string | null {
    const commit = this.#sent.indexOf(offset, asked)
    if (commit < 0) {
      const [last, ...unsure] = this.#sent.slice(asked)
      const others = unsure.length === 0 ? '' : `, then perhaps ${unsure.join(', ')}`
      return `${last} was committed${others}, but it is ${offset}`
    }
    this.acknowledged(commit)
    return null
  }
}
