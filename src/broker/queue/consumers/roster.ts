import { BrokerError } from '../../errors.ts'
import type { Consumer, ConsumerOptions } from '../consumer.ts'

/** A consumer of a queue. */
export type Place = {
  readonly consumer: Consumer
  readonly options: ConsumerOptions
  /** It was not ready when it was looked at; it is passed over until it says otherwise. */
  isBlocked: boolean
  isAttached: boolean
}

type Level = { readonly priority: number; readonly ready: Place[]; next: number }

/** Who consumes from a queue, and whose turn it is. */
export class Roster {
  /** In the order they came. */
  readonly #places = new Map<Consumer, Place>()
  /** The highest priority first. */
  #levels: Level[] = []
  /** Of an exclusive or single-active queue: the only one that is served. */
  #active: Place | null = null
  #isSingleActive = false
  /** The level of whose turn it is. */
  #turn: Level | null = null

  get count(): number {
    return this.#places.size
  }

  get active(): Place | null {
    return this.#active
  }

  all(): Iterable<Place> {
    return this.#places.values()
  }

  get(consumer: Consumer): Place | undefined {
    return this.#places.get(consumer)
  }

  /** Throws `access-refused` where an exclusive consumer would not be the only one. */
  attach(consumer: Consumer, options: ConsumerOptions, isSingleActive: boolean): Place {
    this.#isSingleActive = isSingleActive
    const isTaken = this.#active?.options.isExclusive === true
    if (isTaken || (options.isExclusive && (this.count > 0 || isSingleActive)))
      throw new BrokerError('access-refused', 'The queue is, or would be, in exclusive use.')
    const place: Place = { consumer, options, isBlocked: false, isAttached: true }
    this.#places.set(consumer, place)
    this.#makeReady(place)
    if (options.isExclusive || (isSingleActive && this.#active === null)) this.#activate(place)
    return place
  }

  /** Gives the place that is empty now, after somebody else became the active one. */
  detach(consumer: Consumer): Place | undefined {
    const place = this.#places.get(consumer)
    if (place === undefined) return undefined
    this.#places.delete(consumer)
    place.isAttached = false
    const at = this.#levels.findIndex(({ priority }) => priority === place.options.priority)
    const level = this.#levels[at]!
    const index = level.ready.indexOf(place)
    if (index >= 0) removeAt(level, index)
    if (![...this.#places.values()].some(({ options }) => options.priority === level.priority))
      this.#levels.splice(at, 1)
    if (this.#active === place) {
      this.#active = null
      if (this.#isSingleActive) this.#failOver()
    }
    return place
  }

  /** The queue's settings changed. */
  setSingleActive(isSingleActive: boolean): void {
    if (isSingleActive === this.#isSingleActive) return
    this.#isSingleActive = isSingleActive
    if (isSingleActive) {
      if (this.#active === null) this.#failOver()
    } else if (this.#active?.options.isExclusive === false) this.#active = null
  }

  /** Whether it was passed over until now. */
  wake(consumer: Consumer): boolean {
    const place = this.#places.get(consumer)
    if (place === undefined || !place.isBlocked) return false
    place.isBlocked = false
    this.#makeReady(place)
    return true
  }

  /** Whoever `next` gave took its turn. */
  served(): void {
    if (this.#active === null) this.#turn!.next++
  }

  /** Whose turn it is until `served`, or null when nobody is ready. */
  next(): Place | null {
    const active = this.#active
    if (active !== null) return active.consumer.isReady ? active : null
    const levels = this.#levels
    for (let index = 0; index < levels.length; index++) {
      const level = levels[index]!
      const { ready } = level
      while (ready.length > 0) {
        if (level.next >= ready.length) level.next = 0
        const place = ready[level.next]!
        if (place.consumer.isReady) {
          this.#turn = level
          return place
        }
        place.isBlocked = true
        removeAt(level, level.next)
      }
    }
    return null
  }

  #makeReady(place: Place): void {
    const { priority } = place.options
    let at = 0
    while (at < this.#levels.length && this.#levels[at]!.priority > priority) at++
    const there = this.#levels[at]
    if (there?.priority === priority) {
      there.ready.push(place)
      return
    }
    // Lists of just their size: most queues have one consumer, or a few.
    const level: Level = { priority, ready: [place], next: 0 }
    this.#levels = [...this.#levels.slice(0, at), level, ...this.#levels.slice(at)]
  }

  #failOver(): void {
    let heir: Place | null = null
    for (const place of this.#places.values())
      if (heir === null || place.options.priority > heir.options.priority) heir = place
    if (heir !== null) this.#activate(heir)
  }

  #activate(place: Place): void {
    this.#active = place
    place.consumer.activated?.(true)
  }
}

/** The one after it is next, as it would have been. */
function removeAt(level: Level, index: number): void {
  level.ready.splice(index, 1)
  if (index < level.next) level.next--
}
