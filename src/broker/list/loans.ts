import { type Agenda, type Due, NEVER, type QueueState } from '../queue/index.ts'

/** An element that was moved here, and goes back if it lies here for too long. */
export type Loan = {
  readonly lane: number
  readonly offset: number
  /** The list it came from. */
  readonly source: string
  /** How often it was handed out when it left. */
  readonly counts: number
  /** Milliseconds since 1970. */
  readonly until: number
  readonly timeoutMs: number
}

export type LoanPorts = {
  readonly agenda: Agenda
  /** Journals a loan, and adds it. */
  lend(loan: Loan): void
  /** Whether it is over: it went back, or is not there any more. */
  overdue(loan: Loan): 'over' | 'later'
}

/** What lies in one list on loan. */
export class Loans implements Due {
  dueAt = NEVER
  heapIndex = -1
  readonly queue: QueueState
  readonly #ports: LoanPorts
  readonly #byPlace = new Map<string, Loan>()

  constructor(queue: QueueState, ports: LoanPorts) {
    this.queue = queue
    this.#ports = ports
  }

  get count(): number {
    return this.#byPlace.size
  }

  all(): Iterable<Loan> {
    return this.#byPlace.values()
  }

  add(loan: Loan): void {
    this.#byPlace.set(keyOf(loan.lane, loan.offset), loan)
    this.#ports.agenda.add(this, loan.until)
  }

  find(lane: number, offset: number): Loan | undefined {
    return this.#byPlace.get(keyOf(lane, offset))
  }

  /** It was appended again. */
  moved(loan: Loan, offset: number): void {
    this.ended(loan.lane, loan.offset)
    this.#ports.lend({ ...loan, offset })
  }

  /** It was taken out of the list. */
  ended(lane: number, offset: number): void {
    this.#byPlace.delete(keyOf(lane, offset))
  }

  due(now: number): void {
    if (this.queue.isDeleted) return
    let next = NEVER
    for (const loan of [...this.#byPlace.values()]) {
      if (loan.until > now) {
        next = Math.min(next, loan.until)
        break // Those that came later have more time, unless a policy changed.
      }
      if (this.#ports.overdue(loan) === 'over') this.ended(loan.lane, loan.offset)
      else next = Math.min(next, now + loan.timeoutMs)
    }
    if (next !== NEVER) this.#ports.agenda.add(this, next)
  }
}

const keyOf = (lane: number, offset: number): string => `${lane}/${offset}`
