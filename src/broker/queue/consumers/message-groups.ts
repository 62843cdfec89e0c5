import type { Offset } from '../../../lib/brand.ts'
import { limits } from '../../../limits/limits.ts'
import type { LogLane } from '../lane/index.ts'
import { messageKey } from './held.ts'
import type { Place } from './roster.ts'

type Parked = { readonly lane: LogLane; readonly offset: Offset; readonly counts: number }

type Group = {
  /** Who has messages of it; the next ones are for the same, until it has none. */
  owner: Place | null
  held: number
  /** Its messages that were passed over, in order. They are out, as far as their lane knows. */
  readonly parked: Parked[]
  /** Those that came back and wait for their time: what comes after them waits, too. */
  delayed: Set<number> | null
}

/** For those who pull: they have a group until they settle, and get nothing more of it. */
const puller: Place = {
  consumer: { name: '', isReady: false, sessionId: -1, deliver() {}, cancelled() {} },
  options: { isAutoAccepted: false, isExclusive: false, priority: 0 },
  isBlocked: true,
  isAttached: false,
}

/**
 * Messages with one key are with one consumer at a time, in order. Those whose consumer cannot take
 * them now are parked, so that others get on; so many at most, then the queue waits. One of them is
 * given back to its lane when it may go, and the next when that one went. While one waits to be
 * tried again, those after it wait; a start of the broker forgets that.
 */
export class MessageGroups {
  readonly #groups = new Map<string, Group>()
  /** Of messages that are out. */
  readonly #keyOf = new Map<number, string>()
  readonly #parkedFor = new Map<Place, Set<Group>>()
  #parkedCount = 0

  get parkedCount(): number {
    return this.#parkedCount
  }

  get isFull(): boolean {
    return this.#parkedCount >= limits.queueParkedMax
  }

  /** Who is to have it: somebody certain, anybody, or nobody now. */
  placeFor(key: string, lane: LogLane, offset: number): Place | 'anybody' | 'nobody' {
    const group = this.#groups.get(key)
    if (group === undefined) return 'anybody'
    const { owner } = group
    const message = messageKey(lane.index, offset)
    const first = group.parked[0]
    if (first !== undefined && keyOf(first) < message) return 'nobody'
    if (isBehindDelayed(group, message)) return 'nobody'
    if (owner === null) return 'anybody'
    return owner.isAttached && owner.consumer.isReady ? owner : 'nobody'
  }

  /** `place` is null for those who pull. */
  handedOut(key: string, lane: LogLane, offset: number, place: Place | null): void {
    let group = this.#groups.get(key)
    if (group === undefined) {
      group = { owner: null, held: 0, parked: [], delayed: null }
      this.#groups.set(key, group)
    }
    group.owner = place ?? puller
    group.held++
    const message = messageKey(lane.index, offset)
    group.delayed?.delete(message)
    this.#keyOf.set(message, key)
    this.#goOn(group)
  }

  /** It is settled already, whatever became of it. */
  passed(key: string, lane: number, offset: number): void {
    const group = this.#groups.get(key)
    if (group === undefined) return
    group.delayed?.delete(messageKey(lane, offset))
    if (isOver(group)) this.#groups.delete(key)
    else this.#goOn(group)
  }

  /** It came back, and waits for its time: to be said before `settled`. */
  delayed(message: number): void {
    const key = this.#keyOf.get(message)
    if (key === undefined) return
    const group = this.#groups.get(key)!
    group.delayed ??= new Set()
    group.delayed.add(message)
  }

  /** Nobody can have it now. It was taken from its lane. */
  park(key: string, parked: Parked): void {
    const group = this.#groups.get(key)!
    let at = group.parked.length
    while (at > 0 && keyOf(group.parked[at - 1]!) > keyOf(parked)) at--
    group.parked.splice(at, 0, parked)
    this.#parkedCount++
    if (group.owner !== null) this.#waitFor(group.owner, group)
    else if (!isBehindDelayed(group, keyOf(group.parked[0]!))) this.#release(group)
  }

  /** True when another message of its group can be handed out now. */
  settled(message: number): boolean {
    const key = this.#keyOf.get(message)
    if (key === undefined) return false
    this.#keyOf.delete(message)
    const group = this.#groups.get(key)!
    if (--group.held > 0) return false
    if (group.owner !== null) this.#parkedFor.get(group.owner)?.delete(group)
    group.owner = null
    if (isOver(group)) this.#groups.delete(key)
    else this.#goOn(group)
    return true
  }

  /** It is ready again: what was parked for it can go on. */
  woke(place: Place): void {
    const groups = this.#parkedFor.get(place)
    if (groups === undefined) return
    this.#parkedFor.delete(place)
    for (const group of groups) this.#goOn(group)
  }

  /** Settles all that is parked, and says how many there were. */
  purge(): number {
    const count = this.#parkedCount
    for (const { parked } of this.#groups.values())
      for (const { lane, offset } of parked.splice(0)) lane.settle(offset)
    this.#parkedCount = 0
    return count
  }

  /** Gives all that is parked back, at its place. */
  dissolve(): void {
    for (const { parked } of this.#groups.values())
      for (const { lane, offset, counts } of parked.splice(0)) lane.giveBack(offset, counts, null)
    this.#parkedCount = 0
  }

  /** The next one may go, as soon as whoever has the group is ready. */
  #goOn(group: Group): void {
    const first = group.parked[0]
    if (first === undefined || isBehindDelayed(group, keyOf(first))) return
    const { owner } = group
    if (owner === null || (owner.isAttached && owner.consumer.isReady)) this.#release(group)
    else this.#waitFor(owner, group)
  }

  #release(group: Group): void {
    const { lane, offset, counts } = group.parked.shift()!
    this.#parkedCount--
    lane.giveBack(offset, counts, null)
  }

  #waitFor(place: Place, group: Group): void {
    const groups = this.#parkedFor.get(place)
    if (groups === undefined) this.#parkedFor.set(place, new Set([group]))
    else groups.add(group)
  }
}

const isOver = ({ held, parked, delayed }: Group): boolean =>
  held === 0 && parked.length === 0 && (delayed === null || delayed.size === 0)

function isBehindDelayed({ delayed }: Group, message: number): boolean {
  if (delayed === null) return false
  for (const one of delayed) if (one < message) return true
  return false
}

const keyOf = ({ lane, offset }: Parked): number => messageKey(lane.index, offset)
