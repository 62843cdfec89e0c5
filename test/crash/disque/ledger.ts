/** What a client was told of one job. */
type Entry = {
  readonly body: string
  readonly isOnce: boolean
  id: string | null
  /** `sent`: not answered yet; `ending`: to be gone, not answered yet; `gone`: for good. */
  state: 'sent' | 'known' | 'ending' | 'gone'
}

/** Jobs that one GETJOB may bring. */
export const TAKEN_MAX = 5

/** All that clients were told of their jobs, and what it allows there to be. */
export class Ledger {
  /** Answers that promise something. */
  acknowledged = 0
  readonly #byBody = new Map<string, Entry>()
  readonly #byId = new Map<string, Entry>()
  /** Those that were not answered may each have taken some that are delivered once only. */
  #unansweredTakes = 0
  #serial = 0

  /** The body of a job that is about to be sent. */
  adding(isOnce: boolean): string {
    const body = `job ${++this.#serial}`
    this.#byBody.set(body, { body, isOnce, id: null, state: 'sent' })
    return body
  }

  added(body: string, id: string): void {
    const entry = this.#entry(body)
    this.#identify(entry, id)
    if (entry.state === 'sent') entry.state = 'known' // Else somebody had it before.
    this.acknowledged++
  }

  taking(): void {
    this.#unansweredTakes++
  }

  took(jobs: readonly { readonly id: string; readonly body: string }[]): void {
    this.#unansweredTakes--
    for (const { id, body } of jobs) {
      const entry = this.#entry(body)
      this.#identify(entry, id)
      if (entry.state === 'gone')
        throw new Error(`${body} came back after ${entry.isOnce ? 'it was taken' : 'its ACKJOB'}`)
      // It may be on its way to the disk only, and lost: who added it will hear.
      if (entry.isOnce) entry.state = 'gone'
    }
  }

  /** ACKJOB is about to be sent. */
  ending(id: string): void {
    const entry = this.#byId.get(id)
    if (entry !== undefined && entry.state !== 'gone') entry.state = 'ending'
  }

  ended(id: string): void {
    const entry = this.#byId.get(id)
    if (entry !== undefined) entry.state = 'gone'
    this.acknowledged++
  }

  /** What is there after a start, by id: then it is known again what became of the unanswered. */
  compare(there: ReadonlyMap<string, string>): void {
    const seen = new Set<string>()
    for (const [id, body] of there) {
      if (seen.has(body)) throw new Error(`${body} is there twice`)
      seen.add(body)
      const entry = this.#entry(body)
      this.#identify(entry, id)
      if (entry.state === 'gone') throw new Error(`${body} came back: it was done`)
      entry.state = 'known'
    }
    let taken = this.#unansweredTakes * TAKEN_MAX
    for (const entry of this.#byBody.values()) {
      if (seen.has(entry.body)) continue
      if (entry.state === 'known' && !(entry.isOnce && taken-- > 0))
        throw new Error(`jobs are lost, such as ${entry.body}`)
      this.#forget(entry)
    }
    this.#unansweredTakes = 0
  }

  /** How many are there to be had. */
  get left(): number {
    let count = 0
    for (const { state } of this.#byBody.values()) if (state !== 'gone') count++
    return count
  }

  #entry(body: string): Entry {
    const entry = this.#byBody.get(body)
    if (entry === undefined) throw new Error(`${body} came back: it was gone before the last start`)
    return entry
  }

  #identify(entry: Entry, id: string): void {
    if (entry.id !== null && entry.id !== id)
      throw new Error(`${entry.body} has two ids: ${entry.id} and ${id}`)
    entry.id = id
    this.#byId.set(id, entry)
  }

  /** It cannot come back; if it does, nobody knows its body. */
  #forget(entry: Entry): void {
    this.#byBody.delete(entry.body)
    if (entry.id !== null) this.#byId.delete(entry.id)
  }
}
