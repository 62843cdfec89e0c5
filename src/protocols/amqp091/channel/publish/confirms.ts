/** Writes basic.ack or basic.nack. */
export interface ConfirmWriter {
  confirm(isAccepted: boolean, tag: number, isMultiple: boolean): void
}

/** Messages up to a tag, and those of them that a queue refused. */
type Batch = { readonly tagLast: number; readonly rejected: readonly number[] }

const NONE: readonly number[] = []

/**
 * Publisher confirms of one channel: tags rise by one, and whole turns become safe in order, so
 * one basic.ack with `multiple` usually answers for thousands.
 */
export class Confirms {
  readonly #writer: ConfirmWriter
  #tagLast = 0
  /** All up to it were answered. */
  #tagAnswered = 0
  /** Turns that wait for the store, oldest first; slots in flight bound their number. */
  readonly #waiting: Batch[] = []
  #rejected: number[] = []

  constructor(writer: ConfirmWriter) {
    this.#writer = writer
  }

  get unconfirmedCount(): number {
    return this.#tagLast - this.#tagAnswered
  }

  published(isRejected: boolean): void {
    const tag = ++this.#tagLast
    if (isRejected) this.#rejected.push(tag)
  }

  /** The turn is over. If it has to wait for the store, `settled` is called for it once. */
  endTurn(mustWait: boolean): void {
    const rejected = this.#rejected.length === 0 ? NONE : this.#rejected
    if (rejected !== NONE) this.#rejected = []
    const batch = { tagLast: this.#tagLast, rejected }
    if (mustWait) this.#waiting.push(batch)
    else if (this.#waiting.length === 0) this.#answer(batch, true)
    else this.#joinLast(batch)
  }

  /** Answers keep their order, so what could be answered now goes with what came before. */
  #joinLast({ tagLast, rejected }: Batch): void {
    const last = this.#waiting.pop()!
    this.#waiting.push({ tagLast, rejected: [...last.rejected, ...rejected] })
  }

  /** The oldest turn is safe, or it is not known whether it is. */
  settled(isSafe: boolean): void {
    const batch = this.#waiting.shift()
    if (batch !== undefined) this.#answer(batch, isSafe)
  }

  #answer({ tagLast, rejected }: Batch, isSafe: boolean): void {
    if (!isSafe) return this.#answerUpTo(tagLast, false)
    for (const tag of rejected) {
      this.#answerUpTo(tag - 1, true)
      this.#answerUpTo(tag, false)
    }
    this.#answerUpTo(tagLast, true)
  }

  #answerUpTo(tag: number, isAccepted: boolean): void {
    const count = tag - this.#tagAnswered
    if (count <= 0) return
    this.#tagAnswered = tag
    this.#writer.confirm(isAccepted, tag, count > 1)
  }
}
