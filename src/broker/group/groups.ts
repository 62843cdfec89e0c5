import type { StateMachine } from '../../log/store.ts'
import { limits } from '../../limits/limits.ts'
import type { Timer } from '../../platform/platform.ts'
import type { Runtime } from '../runtime.ts'
import type { Topics } from '../topic/index.ts'
import type {
  GroupEffect,
  JoinCommand,
  LeaveRequest,
  MemberClaim,
  Step,
  SyncCommand,
} from './command.ts'
import { type GroupDescription, type GroupListing, describeGroup, listGroup } from './describe.ts'
import { decodeEvent, encodeEvent, type GroupEvent, type OffsetToCommit } from './events.ts'
import { Facts, type GroupOffsets } from './facts.ts'
import { Group, type GroupOptions } from './group.ts'
import { Offsets } from './offsets.ts'
import type { GroupRefusal, JoinOutcome, LeaveOutcome, Reply, SyncOutcome } from './outcome.ts'

/** A member that joins together with others waits so long for them, even if told not to wait. */
const GATHER_MS_MIN = 50
/** Deadlines this close together are met in one go. */
const TICK_MS_MIN = 10
const SWEEP_PERIOD_MS = 10 * 60 * 1000

type Save = Extract<GroupEffect, { kind: 'save' }>

export type OffsetCommitCommand = MemberClaim & {
  readonly groupId: string
  /** For how long, in milliseconds; null: as long as the broker keeps offsets. */
  readonly retentionMs: number | null
  readonly offsets: readonly OffsetToCommit[]
}

/**
 * All consumer groups. Groups at work live in memory as `Group`s, which decide; what lasts of them
 * is in `Facts`, which only journaled events change. Requests that must wait park their reply.
 */
export class Groups implements StateMachine {
  readonly name = 'groups'
  readonly #runtime: Runtime
  readonly #options: GroupOptions
  readonly #facts = new Facts()
  readonly #offsets: Offsets
  readonly #live = new Map<string, Group>()
  /** Groups that changed while the disk refused writes, as they are to be saved. */
  readonly #unsaved = new Map<string, Save['group']>()
  #sweep: Timer | null = null
  #tick: Timer | null = null
  #tickAt = Number.POSITIVE_INFINITY
  #isStopped = true

  constructor(runtime: Runtime, topics: Topics) {
    this.#runtime = runtime
    const { groupInitialRebalanceDelayMs, groupMembersMax } = runtime.settings
    this.#options = {
      gatherMs: Math.max(groupInitialRebalanceDelayMs, GATHER_MS_MIN),
      membersMax: groupMembersMax,
    }
    this.#offsets = new Offsets(runtime, this.#facts)
    topics.onDeleted(topic => this.#facts.forgetTopic(topic.name))
  }

  /** Members of before get a fresh session to report in. */
  start(): void {
    this.#isStopped = false
    for (const [id, { saved }] of this.#facts.all())
      if (saved !== null && saved.members.length > 0) this.#run(id, () => undefined)
    this.#runtime.store.onRefusal(refusal => {
      if (refusal === null) this.#saveUnsaved()
    })
    this.#sweep = this.#runtime.timers.every(SWEEP_PERIOD_MS, () =>
      this.#offsets.sweep(id => this.#live.get(id)),
    )
  }

  /** Answers everybody who waits. */
  stop(): void {
    this.#isStopped = true
    this.#sweep?.cancel()
    this.#tick?.cancel()
    for (const group of this.#live.values()) {
      const step = this.#step()
      group.abandon(step)
      this.#perform(group, step.effects)
    }
  }

  evolve(event: Buffer): void {
    this.#facts.evolve(decodeEvent(event))
  }

  snapshot(): Buffer {
    return this.#facts.snapshot()
  }

  restore(snapshot: Buffer): void {
    this.#facts.restore(snapshot)
  }

  join(groupId: string, command: JoinCommand, reply: Reply<JoinOutcome>): void {
    const { memberId } = command
    const refusal = this.#joinRefusal(groupId, command)
    if (refusal !== null) {
      reply({ kind: 'refused', refusal, memberId })
      return
    }
    const base = command.instanceId ?? command.clientId
    const newId = memberId === '' ? `${base}-${this.#randomUuid()}` : memberId
    this.#run(groupId, (group, step) => group.join(command, newId, reply, step))
  }

  sync(groupId: string, command: SyncCommand, reply: Reply<SyncOutcome>): void {
    let bytes = 0
    for (const assignment of command.assignments.values()) bytes += assignment.length
    const refusal =
      bytes > limits.groupAssignmentBytesMax
        ? 'too-large'
        : this.#refusal(groupId, 'unknown-member')
    if (refusal !== null) reply({ kind: 'refused', refusal })
    else this.#run(groupId, (group, step) => group.sync(command, reply, step))
  }

  /** Null when all is well, `rebalancing` when the member shall join again. */
  heartbeat(groupId: string, claim: MemberClaim): GroupRefusal | null {
    const refusal = this.#refusal(groupId, 'unknown-member')
    if (refusal !== null) return refusal
    return this.#run(groupId, (group, step) => group.heartbeat(claim, step))
  }

  leave(groupId: string, requests: readonly LeaveRequest[]): LeaveOutcome {
    const refusal = this.#refusal(groupId, 'unknown-member')
    if (refusal === 'unknown-member') {
      const members = requests.map(({ memberId, instanceId }) => ({
        memberId,
        instanceId,
        refusal,
      }))
      return { kind: 'left', members }
    }
    if (refusal !== null) return { kind: 'refused', refusal }
    const members = this.#run(groupId, (group, step) => group.leave(requests, step))
    return { kind: 'left', members }
  }

  /** Null when the offsets are safe. A group that nobody has joined is made by its first commit. */
  commitOffsets(command: OffsetCommitCommand, reply: Reply<GroupRefusal | null>): void {
    const { groupId, offsets, retentionMs } = command
    let refusal = this.#refusal(groupId, 'group-not-found')
    if (refusal === 'group-not-found' && command.generation < 0)
      refusal = this.#isCrowded() ? 'unavailable' : null
    else refusal ??= this.#run(groupId, (group, step) => group.commit(command, step))
    if (refusal !== null) reply(refusal)
    else this.#offsets.commit(groupId, offsets, retentionMs, reply)
  }

  /** All that the group committed, by topic and partition; it must not be changed. */
  fetchOffsets(groupId: string, reply: Reply<GroupOffsets>): void {
    this.#offsets.fetch(groupId, reply)
  }

  /** Whether offsets may be deleted at all; null when they may, topic by topic. */
  deleteOffsetsRefusal(groupId: string): GroupRefusal | null {
    if (groupId === '') return 'invalid-group-id'
    const refusal = this.#refusal(groupId, 'group-not-found')
    const group = this.#live.get(groupId)
    if (refusal !== null || group === undefined || group.state === 'empty') return refusal
    return group.isConsumerGroup ? null : 'group-not-empty'
  }

  isSubscribedTo(groupId: string, topic: string): boolean {
    return this.#live.get(groupId)?.isSubscribedTo(topic) ?? false
  }

  deleteOffsets(
    groupId: string,
    partitions: readonly { readonly topic: string; readonly partition: number }[],
    reply: Reply<GroupRefusal | null>,
  ): void {
    this.#offsets.forget(groupId, partitions, reply)
  }

  describe(groupId: string): GroupDescription | undefined {
    return describeGroup(this.#live.get(groupId), this.#facts.get(groupId)?.saved)
  }

  *list(): Iterable<GroupListing> {
    for (const [id, { saved }] of this.#facts.all()) yield listGroup(id, this.#live.get(id), saved)
    for (const [id, group] of this.#live)
      if (this.#facts.get(id) === undefined) yield listGroup(id, group, null)
  }

  /** Forgets an empty group and its offsets; null when it is gone for good. */
  delete(groupId: string, reply: Reply<GroupRefusal | null>): void {
    const group = this.#live.get(groupId)
    const isActive = group !== undefined && group.state !== 'empty'
    let refusal = this.#refusal(groupId, 'group-not-found')
    refusal ??= isActive ? 'group-not-empty' : null
    if (refusal === null && this.#runtime.store.refusal !== null) refusal = 'unavailable'
    if (refusal !== null) {
      reply(refusal)
      return
    }
    this.#live.delete(groupId)
    this.#unsaved.delete(groupId)
    this.#journal({ kind: 'deleted', groupId })
    this.#runtime.store.whenConfirmed(this.#runtime.settings.durability, failed =>
      reply(failed === null ? null : 'unavailable'),
    )
  }

  #joinRefusal(groupId: string, command: JoinCommand): GroupRefusal | null {
    const { sessionMs, memberId } = command
    const { groupSessionMsMin, groupSessionMsMax } = this.#runtime.settings
    const refusal = this.#refusal(groupId, 'unknown-member')
    if (refusal === 'unknown-member' && memberId === '') {
      if (this.#isCrowded()) return 'unavailable'
    } else if (refusal !== null) return refusal
    if (sessionMs < groupSessionMsMin || sessionMs > groupSessionMsMax)
      return 'session-out-of-range'
    let bytes = 0
    for (const { name, metadata } of command.protocols) bytes += name.length + metadata.length
    return bytes > limits.groupMemberBytesMax ? 'too-large' : null
  }

  /** Nobody can be a member of the nameless group, but offsets it may have, as ever. */
  #refusal(groupId: string, unknown: GroupRefusal): GroupRefusal | null {
    if (this.#isStopped) return 'unavailable'
    if (groupId === '' && unknown === 'unknown-member') return 'invalid-group-id'
    return this.#live.has(groupId) || this.#facts.get(groupId) !== undefined ? null : unknown
  }

  #isCrowded(): boolean {
    return this.#facts.count + this.#live.size >= limits.groupsMax
  }

  /** Lets a group decide, does what it wants done, and forgets it when only its facts are left. */
  #run<Result>(id: string, decide: (group: Group, step: Step) => Result): Result {
    const step = this.#step()
    const group = this.#live.get(id) ?? this.#wake(id, step)
    const result = decide(group, step)
    this.#perform(group, step.effects)
    this.#settle(group)
    return result
  }

  #wake(id: string, step: Step): Group {
    const saved = this.#facts.get(id)?.saved
    const group = saved
      ? Group.resume(id, saved, this.#options, step)
      : new Group(id, this.#options)
    this.#live.set(id, group)
    return group
  }

  #settle(group: Group): void {
    if (this.#live.get(group.id) !== group) return
    if (group.isIdle && !this.#unsaved.has(group.id)) this.#live.delete(group.id)
    else this.#tickBy(group.soonest)
  }

  #step(): Step {
    return { now: this.#runtime.clock.elapsed(), effects: [] }
  }

  #perform(group: Group, effects: readonly GroupEffect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'answerJoin':
          effect.reply(effect.outcome)
          break
        case 'answerSync':
          effect.reply(effect.outcome)
          break
        case 'save':
          this.#save(group, effect)
          break
        case 'note':
          this.#runtime.logger.debug(effect.facts, effect.message)
          break
      }
    }
  }

  /**
   * A full disk must not keep members from reading, so the group goes on at once and is saved
   * when there is room; a crash until then costs the members a rebalance and nothing else.
   */
  #save(group: Group, effect: Save): void {
    const { store, settings, timers } = this.#runtime
    const goOn = () => {
      if (effect.then === null || this.#isStopped || this.#live.get(group.id) !== group) return
      const step = this.#step()
      group.saved(effect.then, step)
      this.#perform(group, step.effects)
      this.#settle(group)
    }
    if (store.refusal !== null) {
      this.#unsaved.set(group.id, effect.group)
      timers.soon(goOn)
      return
    }
    this.#unsaved.delete(group.id)
    const saved = { ...effect.group, savedAt: this.#runtime.clock.now() }
    this.#journal({ kind: 'saved', groupId: group.id, group: saved })
    store.whenConfirmed(settings.durability, goOn)
  }

  #saveUnsaved(): void {
    for (const [groupId, group] of this.#unsaved) {
      const saved = { ...group, savedAt: this.#runtime.clock.now() }
      this.#journal({ kind: 'saved', groupId, group: saved })
    }
    const ids = [...this.#unsaved.keys()]
    this.#unsaved.clear()
    for (const id of ids) this.#run(id, () => undefined)
  }

  #journal(event: GroupEvent): void {
    this.#runtime.store.journal(this.name, encodeEvent(event))
  }

  /** One timer for all groups, set to the earliest deadline there may be. */
  #tickBy(deadline: number): void {
    if (deadline >= this.#tickAt || this.#isStopped) return
    this.#tick?.cancel()
    this.#tickAt = deadline
    const delayMs = Math.ceil(deadline - this.#runtime.clock.elapsed())
    this.#tick = this.#runtime.timers.after(Math.max(delayMs, TICK_MS_MIN), () => this.#onTick())
  }

  #onTick(): void {
    this.#tickAt = Number.POSITIVE_INFINITY
    const { now } = this.#step()
    let soonest = Number.POSITIVE_INFINITY
    for (const [id, group] of this.#live) {
      if (group.soonest <= now) this.#run(id, (due, step) => due.tick(step))
      else soonest = Math.min(soonest, group.soonest)
    }
    this.#tickBy(soonest)
  }

  /** Member ids are unguessable: who knows one may speak for the member. */
  #randomUuid(): string {
    const hex = this.#runtime.random.bytes(16).toString('hex')
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  }
}
