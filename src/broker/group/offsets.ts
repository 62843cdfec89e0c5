import type { Millis } from '../../lib/brand.ts'
import type { Runtime } from '../runtime.ts'
import { encodeEvent, type GroupEvent, type OffsetToCommit } from './events.ts'
import type { CommittedOffset, Facts, GroupFacts, GroupOffsets } from './facts.ts'
import type { GroupRefusal, Reply } from './outcome.ts'
import { CONSUMER_TYPE } from './subscription.ts'

/** What the keeper of offsets asks of a group at work. */
export type ActiveGroup = {
  readonly state: string
  readonly protocolType: string | null
  isSubscribedTo(topic: string): boolean
}

/** How many groups are looked through in one turn of the event loop. */
const SWEEP_GROUPS = 500
const NO_OFFSETS: GroupOffsets = new Map()

/** Committed offsets: written, read, forgotten and expired. Who may commit, the group says. */
export class Offsets {
  readonly #runtime: Runtime
  readonly #facts: Facts
  /** Commits on their way to the disk, by group: until they are there, nobody reads them. */
  readonly #unconfirmed = new Map<string, number>()

  constructor(runtime: Runtime, facts: Facts) {
    this.#runtime = runtime
    this.#facts = facts
  }

  /** Answers once the offsets are as safe as the broker's durability says. */
  commit(
    groupId: string,
    offsets: readonly OffsetToCommit[],
    retentionMs: number | null,
    reply: Reply<GroupRefusal | null>,
  ): void {
    if (offsets.length === 0 || this.#runtime.store.refusal !== null) {
      reply(offsets.length === 0 ? null : 'unavailable')
      return
    }
    const committedAt = this.#runtime.clock.now()
    const expiresAt = retentionMs === null ? null : ((committedAt + retentionMs) as Millis)
    this.#journal({ kind: 'committed', groupId, committedAt, expiresAt, offsets })
    this.#unconfirmed.set(groupId, (this.#unconfirmed.get(groupId) ?? 0) + 1)
    this.#runtime.store.whenConfirmed(this.#runtime.settings.durability, refusal => {
      const left = (this.#unconfirmed.get(groupId) ?? 1) - 1
      if (left === 0) this.#unconfirmed.delete(groupId)
      else this.#unconfirmed.set(groupId, left)
      reply(refusal === null ? null : 'unavailable')
    })
  }

  /** Waits for commits under way: nobody shall start from an offset that a crash takes back. */
  fetch(groupId: string, reply: Reply<GroupOffsets>): void {
    const answer = () => reply(this.#facts.get(groupId)?.offsets ?? NO_OFFSETS)
    if (!this.#unconfirmed.has(groupId)) answer()
    else this.#runtime.store.whenConfirmed(this.#runtime.settings.durability, answer)
  }

  forget(
    groupId: string,
    partitions: readonly { readonly topic: string; readonly partition: number }[],
    reply: Reply<GroupRefusal | null>,
  ): void {
    const offsets = this.#facts.get(groupId)?.offsets
    const known = partitions.filter(({ topic, partition }) => offsets?.get(topic)?.has(partition))
    if (known.length === 0 || this.#runtime.store.refusal !== null) {
      reply(known.length === 0 ? null : 'unavailable')
      return
    }
    this.#journal({ kind: 'forgotten', groupId, partitions: known })
    this.#runtime.store.whenConfirmed(this.#runtime.settings.durability, refusal =>
      reply(refusal === null ? null : 'unavailable'),
    )
  }

  /**
   * Forgets offsets that nobody came back for, and empty groups without any, some groups a turn.
   * `active` is the group at work under that id, if there is one.
   */
  sweep(active: (groupId: string) => ActiveGroup | undefined): void {
    const ids = [...this.#facts.all()].map(([groupId]) => groupId)
    const some = (from: number): void => {
      if (this.#runtime.store.refusal !== null) return
      for (const id of ids.slice(from, from + SWEEP_GROUPS)) this.#sweepGroup(id, active(id))
      if (from + SWEEP_GROUPS < ids.length)
        this.#runtime.timers.soon(() => some(from + SWEEP_GROUPS))
    }
    if (ids.length > 0) some(0)
  }

  #sweepGroup(groupId: string, active: ActiveGroup | undefined): void {
    const facts = this.#facts.get(groupId)
    if (facts === undefined) return
    const isActive = active !== undefined && active.state !== 'empty'
    // Only of a consumer group at rest is it known for sure which topics it has given up.
    if (isActive && (active.protocolType !== CONSUMER_TYPE || active.state !== 'stable')) return
    const expired: { topic: string; partition: number }[] = []
    let keptCount = 0
    for (const [topic, ofTopic] of facts.offsets) {
      const isKept = isActive && active.isSubscribedTo(topic)
      for (const [partition, committed] of ofTopic) {
        if (!isKept && this.#isExpired(committed, isActive ? null : facts))
          expired.push({ topic, partition })
        else keptCount++
      }
    }
    if (keptCount === 0 && active === undefined) this.#journal({ kind: 'deleted', groupId })
    else if (expired.length > 0) this.#journal({ kind: 'forgotten', groupId, partitions: expired })
  }

  /** Retention counts from the last sign of life: the commit, or the group's last member. */
  #isExpired(committed: CommittedOffset, empty: GroupFacts | null): boolean {
    const now = this.#runtime.clock.now()
    if (committed.expiresAt !== null) return now >= committed.expiresAt
    const leftAt = empty?.saved?.savedAt ?? 0
    const since = Math.max(committed.committedAt, leftAt)
    return now - since >= this.#runtime.settings.offsetsRetentionMs
  }

  #journal(event: GroupEvent): void {
    this.#runtime.store.journal('groups', encodeEvent(event))
  }
}
