import {
  compareIds,
  type EntryId,
  idAfter,
  idMin,
  type References,
  type Removal,
} from '../../../src/broker/entries/index.ts'

/** An entry of the model: never forgotten, so that pending ones can be told from those gone. */
export type ModelEntry = { readonly id: EntryId; readonly text: string; isGone: boolean }
export type ModelPending = {
  readonly id: EntryId
  consumer: string | null
  time: number
  count: number
}
export type ModelGroup = {
  lastId: EntryId
  entriesRead: number | null
  readonly consumers: Set<string>
  /** In order of ids. */
  pending: ModelPending[]
  /** In order of delivery. */
  byTime: ModelPending[]
}

const same = (one: EntryId, other: EntryId): boolean => compareIds(one, other) === 0

/** Streams with groups as anybody would write them down: arrays, and loops over them. */
export class ModelStream {
  entries: ModelEntry[] = []
  lastId: EntryId = idMin
  maxDeleted: EntryId = idMin
  entriesAdded = 0
  readonly groups = new Map<string, ModelGroup>()

  get live(): ModelEntry[] {
    return this.entries.filter(({ isGone }) => !isGone)
  }

  get firstId(): EntryId {
    return this.live[0]?.id ?? idMin
  }

  add(id: EntryId, text: string): void {
    this.entries.push({ id, text, isGone: false })
    this.lastId = id
    this.entriesAdded++
  }

  /** What others write in one batch. */
  addOthers(texts: readonly string[], millis: number): void {
    for (const [index, text] of texts.entries()) {
      const isNew = index === 0 && millis > this.lastId.ms
      this.add(isNew ? { ms: millis, seq: 0 } : idAfter(this.lastId)!, text)
    }
  }

  entry(id: EntryId): ModelEntry | undefined {
    return this.live.find(entry => same(entry.id, id))
  }

  isReferenced(id: EntryId): boolean {
    return [...this.groups.values()].some(
      ({ lastId, pending }) =>
        compareIds(lastId, id) < 0 || pending.some(held => same(held.id, id)),
    )
  }

  remove(ids: readonly EntryId[], references: References): Removal[] {
    if (references === 'delete') for (const id of ids) this.dereference(id)
    return ids.map(id => {
      if (references === 'acked' && this.isReferenced(id)) return 'referenced'
      const entry = this.entry(id)
      if (entry === undefined) return 'missing'
      entry.isGone = true
      if (compareIds(id, this.maxDeleted) > 0) this.maxDeleted = id
      return 'removed'
    })
  }

  trim(keep: { count: number } | { from: EntryId }, references: References): number {
    let removed = 0
    for (const entry of this.live) {
      const isKept =
        'count' in keep ? this.live.length <= keep.count : compareIds(entry.id, keep.from) >= 0
      if (isKept) break
      if (references === 'acked' && this.isReferenced(entry.id)) continue
      if (references === 'delete') this.dereference(entry.id)
      entry.isGone = true
      removed++
    }
    return removed
  }

  dereference(id: EntryId): void {
    for (const group of this.groups.values()) settle(group, id)
  }

  lag(group: ModelGroup): number | null {
    if (this.entriesAdded === 0 || this.live.length === 0) return 0
    const { firstId } = this
    if (compareIds(group.lastId, firstId) < 0 && compareIds(this.maxDeleted, firstId) < 0)
      return this.live.length
    if (group.entriesRead !== null && !this.#hasGap(group.lastId))
      return this.entriesAdded - group.entriesRead
    const read = this.#estimate(group.lastId)
    return read === null ? null : this.entriesAdded - read
  }

  /** The entries that are new to a group, handed to a consumer. */
  read(
    group: ModelGroup,
    consumer: string,
    wanted: { count: number; isNoAck: boolean; now: number },
  ) {
    const fresh = this.live.filter(({ id }) => compareIds(id, group.lastId) > 0)
    const taken = wanted.count === 0 ? fresh : fresh.slice(0, wanted.count)
    for (const { id } of taken) {
      const isCounted = group.entriesRead !== null && compareIds(group.lastId, this.firstId) >= 0
      if (isCounted && !this.#hasGap(group.lastId)) group.entriesRead!++
      else group.entriesRead = this.#estimate(id)
      group.lastId = id
      if (!wanted.isNoAck) hand(group, id, { consumer, time: wanted.now, count: 1 })
    }
    return taken
  }

  #hasGap(id: EntryId): boolean {
    if (this.live.length === 0 || same(this.maxDeleted, idMin)) return false
    return compareIds(id, this.maxDeleted) <= 0
  }

  #estimate(id: EntryId): number | null {
    const { live, entriesAdded, maxDeleted, firstId } = this
    if (entriesAdded === 0) return 0
    if (live.length === 0 && compareIds(id, this.lastId) <= 0) return entriesAdded
    if (!same(id, idMin) && compareIds(id, maxDeleted) < 0) return null
    if (same(id, this.lastId)) return entriesAdded
    if (compareIds(id, this.lastId) > 0) return null
    if (!same(maxDeleted, idMin) && compareIds(maxDeleted, firstId) >= 0) return null
    if (compareIds(id, firstId) < 0) return entriesAdded - live.length
    return same(id, firstId) ? entriesAdded - live.length + 1 : null
  }
}

export function pendingOf(group: ModelGroup, id: EntryId): ModelPending | undefined {
  return group.pending.find(held => same(held.id, id))
}

export function settle(group: ModelGroup, id: EntryId): boolean {
  const held = pendingOf(group, id)
  if (held === undefined) return false
  group.pending = group.pending.filter(one => one !== held)
  group.byTime = group.byTime.filter(one => one !== held)
  return true
}

export function hand(
  group: ModelGroup,
  id: EntryId,
  { consumer, time, count }: { consumer: string | null; time: number; count: number },
): void {
  settle(group, id)
  const held: ModelPending = { id, consumer, time, count }
  group.pending.push(held)
  group.pending.sort((one, other) => compareIds(one.id, other.id))
  const rank = (one: ModelPending): number => (one.consumer === null ? -1 : one.time)
  const at = group.byTime.findLastIndex(one => rank(one) <= rank(held))
  group.byTime.splice(at + 1, 0, held)
}
