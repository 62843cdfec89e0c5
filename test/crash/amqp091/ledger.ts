/** A queue, or nowhere: not published, or settled. */
export type Place = string
export const NOWHERE: Place = ''

/** Whoever has deliveries that are not settled: a session. */
export type Holder = object

/** One copy of a message: in one of its queues, or where it went from there. */
export type Copy = {
  readonly message: Message
  /** Where it is, unless `deed` has moved it. */
  place: Place
  /** The only thing that happened to it and was not proved or disproved. */
  deed: Deed | null
  to: Place
  holder: Holder | null
  /** The life in which it was handed out last, or -1. */
  deliveredIn: number
  /** That it was handed out is on the disk. */
  isDeliveryKnown: boolean
}

export type Message = {
  readonly id: string
  readonly copies: Copy[]
  /** Wall clock in milliseconds before which nobody may get it. */
  readonly notBefore: number
}

/** Something that is done whole or not at all. */
export type Deed = {
  readonly name: string
  outcome: 'unknown' | 'done' | 'undone'
  readonly copies: Copy[]
}

/**
 * Where every copy of every message is, as far as anybody was told or saw, whatever happened to
 * the broker meanwhile. Complains about what contradicts that. Messages are never used twice.
 */
export class Ledger {
  readonly complaints: string[] = []
  /** Counted up when a process ends. */
  life = 0
  observed = 0
  confirmed = 0
  readonly #open = new Map<string, Message>()
  readonly #finished = new Set<string>()

  deed(name: string): Deed {
    return { name, outcome: 'unknown', copies: [] }
  }

  /** A new message, to be in all of these queues once the deed is done. */
  published(id: string, queues: readonly Place[], deed: Deed, notBefore = 0): void {
    const message: Message = { id, copies: [], notBefore }
    for (const to of queues) {
      const copy: Copy = {
        message,
        place: NOWHERE,
        deed,
        to,
        holder: null,
        deliveredIn: -1,
        isDeliveryKnown: false,
      }
      message.copies.push(copy)
      deed.copies.push(copy)
    }
    this.#open.set(id, message)
  }

  /** Its holder sent a settlement that takes it to that place. */
  moved(copy: Copy, to: Place, deed: Deed): void {
    copy.deed = deed
    copy.to = to
    copy.holder = null
    deed.copies.push(copy)
  }

  /** Its holder gave it back. */
  returned(copy: Copy): void {
    copy.holder = null
  }

  /** The broker said that the deed is done and safe. */
  confirm(deed: Deed): void {
    this.confirmed++
    if (deed.outcome === 'undone') this.#complain(`${deed.name} was confirmed, and was undone`)
    this.#resolve(deed, 'done')
  }

  /** Whoever did it took it back, and the broker agreed. */
  rolledBack(deed: Deed): void {
    if (deed.outcome === 'done') this.#complain(`${deed.name} was rolled back, but is done`)
    this.#resolve(deed, 'undone')
  }

  /** Somebody got it; undefined when nobody could have. */
  delivered(id: string, queue: Place, isRedelivered: boolean, holder: Holder): Copy | undefined {
    this.observed++
    const what = `"${id}" of ${queue}`
    const message = this.#open.get(id)
    if (message === undefined) {
      const why = this.#finished.has(id) ? 'came back after it was settled' : 'is from nowhere'
      return this.#complain(`${what} ${why}`)
    }
    const copy = message.copies.find(
      ({ place, deed, to }) => place === queue || (deed !== null && to === queue),
    )
    if (copy === undefined) {
      const places = message.copies.map(showPlace).join(', ')
      return this.#complain(`${what} came back after it was settled: ${places}`)
    }
    if (copy.deed !== null) this.#resolve(copy.deed, copy.place === queue ? 'undone' : 'done')
    if (copy.holder !== null) return this.#complain(`${what} is out twice`)
    const wasOut = copy.isDeliveryKnown || copy.deliveredIn === this.life
    if (wasOut && !isRedelivered) this.#complain(`${what} is not marked redelivered`)
    if (Date.now() < message.notBefore) this.#complain(`${what} came too early`)
    copy.holder = holder
    copy.deliveredIn = this.life
    return copy
  }

  /** Something later of the same session is on the disk, so that it went out is, too. */
  deliveryKnown(copy: Copy, queue: Place): void {
    if (copy.place === queue) copy.isDeliveryKnown = true
  }

  /** The session is over: what it had is back. */
  released(holder: Holder): void {
    for (const { copies } of this.#open.values())
      for (const copy of copies) if (copy.holder === holder) copy.holder = null
  }

  crashed(): void {
    this.life++
    for (const { copies } of this.#open.values()) for (const copy of copies) copy.holder = null
  }

  /** What must be in a queue, and was not settled. */
  get due(): Copy[] {
    const due: Copy[] = []
    for (const { copies } of this.#open.values())
      for (const copy of copies)
        if (copy.deed === null ? copy.place !== NOWHERE : isSomewhere(copy)) due.push(copy)
    return due
  }

  /** All queues are empty: nothing may be due; what is unsure has not happened, or is settled. */
  drained(): void {
    const { due } = this
    if (due.length > 0) {
      const examples = due.slice(0, 5).map(copy => `"${copy.message.id}" (${showPlace(copy)})`)
      this.#complain(`${due.length} are lost: ${examples.join(', ')}`)
    }
    for (const { id } of this.#open.values()) this.#finished.add(id)
    this.#open.clear()
  }

  #resolve(deed: Deed, outcome: 'done' | 'undone'): void {
    if (deed.outcome !== 'unknown') return
    deed.outcome = outcome
    for (const copy of deed.copies) {
      if (copy.deed !== deed) continue
      if (outcome === 'done') this.#place(copy, copy.to)
      copy.deed = null
      const { id, copies } = copy.message
      if (!copies.every(isOver)) continue
      this.#open.delete(id)
      this.#finished.add(id)
    }
  }

  #place(copy: Copy, place: Place): void {
    copy.place = place
    copy.deliveredIn = -1
    copy.isDeliveryKnown = false
  }

  #complain(text: string): undefined {
    this.complaints.push(`life ${this.life}: ${text}`)
    return undefined
  }
}

const isOver = ({ place, deed }: Copy): boolean => place === NOWHERE && deed === null
/** Whether the deed is done or not. */
const isSomewhere = ({ place, to }: Copy): boolean => place !== NOWHERE && to !== NOWHERE

function showPlace({ place, deed, to }: Copy): string {
  const at = place === NOWHERE ? 'nowhere' : place
  return deed === null ? at : `${at}, or ${to === NOWHERE ? 'nowhere' : to}`
}
