import { assert } from '../../lib/assert.ts'
import type { AfterSave, Step } from './command.ts'
import { type Member, NO_BYTES } from './member.ts'
import { Members } from './members.ts'
import type { GroupRefusal, JoinOutcome, SyncOutcome } from './outcome.ts'
import { CONSUMER_TYPE, subscribedTopics } from './subscription.ts'

export type GroupState = 'empty' | 'preparing' | 'completing' | 'stable'

const NEVER = Number.POSITIVE_INFINITY
/** A new member may wait longer than its session for the others, but not for ever. */
const NEW_MEMBER_MS = 5 * 60 * 1000

/**
 * The round that a group goes through again and again:
 *
 *   empty ──▶ preparing ──▶ completing ──▶ stable
 *     ▲           │ ▲            │            │
 *     └───────────┘ └────────────┴────────────┘
 *
 * Preparing waits for every member's join, completing for the leader's assignment. Deadlines are
 * numbers here; somebody else owns the timer and calls `tick`.
 */
export class Cycle {
  readonly members = new Members()
  state: GroupState = 'empty'
  generation = 0
  protocolType: string | null = null
  protocolName: string | null = null
  /** Ids that were handed out and not used yet, with the time when they lapse. */
  readonly #pending = new Map<string, number>()
  readonly #awaitingSync = new Set<string>()
  readonly #groupId: string
  readonly #gatherMs: number
  /** The first members of a group wait for others, for as long as others keep coming. */
  #isGathering = false
  #gatherLeftMs = 0
  #cameWhileGathering = false
  #joinDeadline = NEVER
  #syncDeadline = NEVER
  /** Never later than the earliest deadline, though perhaps earlier. */
  #soonest = NEVER
  #topics: ReadonlySet<string> | null = null

  constructor(groupId: string, gatherMs: number) {
    this.#groupId = groupId
    this.#gatherMs = gatherMs
  }

  /** No deadline lies before it. */
  get soonest(): number {
    return this.#soonest
  }

  get pendingCount(): number {
    return this.#pending.size
  }

  isPending(id: string): boolean {
    return this.#pending.has(id)
  }

  addPending(id: string, lapsesAt: number): void {
    this.#pending.set(id, lapsesAt)
    this.#cameWhileGathering = true
    this.#expectBy(lapsesAt)
  }

  removePending(id: string): void {
    this.#pending.delete(id)
  }

  /** Where nothing is known of a consumer's topics, it may be subscribed to any. */
  isSubscribedTo(topic: string): boolean {
    if (this.#topics !== null) return this.#topics.has(topic)
    return this.protocolType === CONSUMER_TYPE
  }

  admit(member: Member, protocolType: string, step: Step): void {
    if (this.members.count === 0) this.protocolType = protocolType
    assert(this.protocolType === protocolType, 'members are of one protocol type')
    this.#pending.delete(member.id)
    this.#cameWhileGathering = true
    member.isNew = true
    member.expiresAt = step.now + NEW_MEMBER_MS
    this.#expectBy(member.expiresAt)
    this.members.add(member)
  }

  renew(member: Member, now: number): void {
    member.expiresAt = now + member.sessionMs
    this.#expectBy(member.expiresAt)
  }

  rebalanceOrComplete(reason: string, step: Step): void {
    if (this.state === 'preparing') this.completeWhenAllJoined(step)
    else this.prepare(reason, step)
  }

  prepare(reason: string, step: Step): void {
    assert(this.state !== 'preparing', 'a rebalance is prepared once')
    if (this.state === 'completing') {
      for (const member of this.members.all()) member.assignment = NO_BYTES
      this.#answerSyncs('rebalancing', step)
    }
    this.#awaitingSync.clear()
    this.#syncDeadline = NEVER
    this.#isGathering = this.state === 'empty'
    this.state = 'preparing'
    const facts = { group: this.#groupId, generation: this.generation, reason }
    step.effects.push({ kind: 'note', message: 'group rebalances', facts })
    if (this.#isGathering) {
      this.#gatherLeftMs = Math.max(this.members.rebalanceMs() - this.#gatherMs, 0)
      this.#cameWhileGathering = this.#pending.size > 0
      this.#joinDeadline = this.#expectBy(step.now + this.#gatherMs)
      return
    }
    this.#joinDeadline = this.#expectBy(step.now + this.members.rebalanceMs())
    this.completeWhenAllJoined(step)
  }

  completeWhenAllJoined(step: Step): void {
    if (this.state !== 'preparing' || this.#isGathering || this.#pending.size > 0) return
    if (this.members.count === this.members.joiningCount) this.#completeJoin(step)
  }

  /** Takes a member out and tells it, if it waits. What becomes of the round, the caller says. */
  expel(member: Member, refusal: GroupRefusal, step: Step): void {
    const memberId = refusal === 'fenced-instance' ? member.id : ''
    this.answerJoin(member, { kind: 'refused', refusal, memberId }, step)
    this.answerSync(member, { kind: 'refused', refusal }, step)
    this.#awaitingSync.delete(member.id)
    this.members.remove(member)
  }

  synced(member: Member): void {
    this.#awaitingSync.delete(member.id)
    if (this.#awaitingSync.size === 0) this.#syncDeadline = NEVER
  }

  /** The assignment is safe: everybody may have it. */
  assign(assignments: ReadonlyMap<string, Buffer>, step: Step): void {
    assert(this.state === 'completing', 'an assignment completes a rebalance')
    for (const member of this.members.all())
      member.assignment = assignments.get(member.id) ?? NO_BYTES
    this.#answerSyncs(null, step)
    this.state = 'stable'
    const facts = { group: this.#groupId, generation: this.generation, members: this.members.count }
    step.effects.push({ kind: 'note', message: 'group is stable', facts })
  }

  answerJoin(member: Member, outcome: JoinOutcome, step: Step): void {
    const reply = member.joinReply
    if (reply === null) return
    this.members.setJoinReply(member, null)
    step.effects.push({ kind: 'answerJoin', reply, outcome })
  }

  answerSync(member: Member, outcome: SyncOutcome, step: Step): void {
    const reply = member.syncReply
    if (reply === null) return
    member.syncReply = null
    step.effects.push({ kind: 'answerSync', reply, outcome })
  }

  joined(member: Member): JoinOutcome {
    assert(this.protocolType !== null && this.protocolName !== null, 'a generation has a protocol')
    const { protocolType, protocolName } = this
    const leader = this.members.leader ?? ''
    const memberId = member.id
    const { generation } = this
    const members = leader === memberId ? this.#listed(protocolName) : []
    const skipAssignment = false
    return {
      kind: 'joined',
      memberId,
      generation,
      protocolType,
      protocolName,
      leader,
      members,
      skipAssignment,
    }
  }

  save(assignments: ReadonlyMap<string, Buffer> | null, then: AfterSave | null, step: Step): void {
    const members = []
    for (const member of this.members.all()) {
      const assignment = assignments === null ? member.assignment : assignments.get(member.id)
      members.push(member.saved(assignment ?? NO_BYTES))
    }
    const { generation, protocolType, protocolName } = this
    const { leader } = this.members
    const group = { generation, protocolType, protocolName, leader, members }
    step.effects.push({ kind: 'save', group, then })
  }

  /** Reads the members' topics anew, as every generation does. */
  readTopics(): void {
    const { protocolType, protocolName } = this
    this.#topics = null
    if (protocolType !== CONSUMER_TYPE) return
    const all = new Set<string>()
    for (const member of this.members.all()) {
      const topics = protocolName === null ? [] : subscribedTopics(member.metadata(protocolName))
      if (topics === null) return
      for (const topic of topics) all.add(topic)
    }
    this.#topics = all
  }

  /** Does what has become due. */
  tick(step: Step): void {
    const { now } = step
    if (now < this.#soonest) return
    for (const [id, lapsesAt] of this.#pending) if (lapsesAt <= now) this.#pending.delete(id)
    if (this.#joinDeadline <= now) this.#endJoin(step)
    else this.completeWhenAllJoined(step)
    if (this.#syncDeadline <= now) this.#endSync(step)
    const due = [...this.members.all()].filter(member => member.expiresAt <= now)
    for (const member of due) this.#expire(member, step)
    this.#soonest = Math.min(this.#joinDeadline, this.#syncDeadline)
    for (const lapsesAt of this.#pending.values()) this.#expectBy(lapsesAt)
    for (const { expiresAt } of this.members.all()) this.#expectBy(expiresAt)
  }

  #endJoin(step: Step): void {
    if (this.#isGathering && this.#cameWhileGathering && this.#gatherLeftMs > 0) {
      this.#cameWhileGathering = false
      const delayMs = Math.min(this.#gatherMs, this.#gatherLeftMs)
      this.#gatherLeftMs = Math.max(this.#gatherLeftMs - this.#gatherMs, 0)
      this.#joinDeadline = this.#expectBy(step.now + delayMs)
      return
    }
    this.#completeJoin(step)
  }

  /** Who did not come back is out, but for static members: those have their whole session. */
  #completeJoin(step: Step): void {
    this.#joinDeadline = NEVER
    for (const member of [...this.members.all()])
      if (member.joinReply === null && member.instanceId === null) this.members.remove(member)
    if (this.members.count > 0 && !this.members.electLeader()) {
      this.#joinDeadline = this.#expectBy(step.now + this.members.rebalanceMs())
      return
    }
    this.#isGathering = false
    this.generation++
    if (this.members.count === 0) {
      this.protocolName = null
      this.state = 'empty'
      this.readTopics()
      this.save(null, null, step)
      return
    }
    this.protocolName = this.members.electProtocol()
    this.state = 'completing'
    this.readTopics()
    for (const member of this.members.all()) {
      this.answerJoin(member, this.joined(member), step)
      this.renew(member, step.now)
      member.isNew = false
      this.#awaitingSync.add(member.id)
    }
    this.#syncDeadline = this.#expectBy(step.now + this.members.rebalanceMs())
  }

  #endSync(step: Step): void {
    this.#syncDeadline = NEVER
    for (const id of this.#awaitingSync) {
      const member = this.members.get(id)
      if (member !== undefined) this.expel(member, 'unknown-member', step)
    }
    this.prepare('members did not sync in time', step)
  }

  #expire(member: Member, step: Step): void {
    if (this.members.get(member.id) !== member) return
    if (member.isExcused) {
      member.expiresAt = NEVER // Renewed with the answer it waits for.
      return
    }
    this.expel(member, 'unknown-member', step)
    this.rebalanceOrComplete(`session of ${member.id} ended`, step)
  }

  #answerSyncs(refusal: GroupRefusal | null, step: Step): void {
    for (const member of this.members.all()) {
      if (member.syncReply === null) continue
      const outcome = refusal === null ? this.synchronized(member) : refused(refusal)
      this.answerSync(member, outcome, step)
      this.renew(member, step.now)
    }
  }

  synchronized(member: Member): SyncOutcome {
    assert(this.protocolType !== null && this.protocolName !== null, 'a generation has a protocol')
    const { protocolType, protocolName } = this
    return { kind: 'synced', protocolType, protocolName, assignment: member.assignment }
  }

  #listed(protocolName: string) {
    return [...this.members.all()].map(member => ({
      memberId: member.id,
      instanceId: member.instanceId,
      metadata: member.metadata(protocolName),
    }))
  }

  #expectBy(deadline: number): number {
    this.#soonest = Math.min(this.#soonest, deadline)
    return deadline
  }
}

const refused = (refusal: GroupRefusal): SyncOutcome => ({ kind: 'refused', refusal })
