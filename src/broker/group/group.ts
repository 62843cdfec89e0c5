import { limits } from '../../limits/limits.ts'
import type {
  AfterSave,
  JoinCommand,
  LeaveRequest,
  MemberClaim,
  Step,
  SyncCommand,
} from './command.ts'
import { Cycle, type GroupState } from './cycle.ts'
import type { SavedGroup } from './events.ts'
import { Member, NO_BYTES } from './member.ts'
import type { GroupRefusal, JoinOutcome, LeftMember, Reply, SyncOutcome } from './outcome.ts'
import { CONSUMER_TYPE } from './subscription.ts'

export type GroupOptions = { readonly gatherMs: number; readonly membersMax: number }

/**
 * A live consumer group: who is in it, which generation it is in, who waits for what. It decides
 * and returns effects; no clock, disk or socket is in sight. What of it lasts are `SavedGroup`s.
 */
export class Group {
  readonly id: string
  readonly #cycle: Cycle
  readonly #membersMax: number
  /** The generation whose assignment is on its way to the disk, or -1. */
  #savingGeneration = -1

  constructor(id: string, options: GroupOptions) {
    this.id = id
    this.#cycle = new Cycle(id, options.gatherMs)
    this.#membersMax = options.membersMax
  }

  /** After a restart members go on with the ids and the generation they have. */
  static resume(id: string, saved: SavedGroup, options: GroupOptions, step: Step): Group {
    const group = new Group(id, options)
    const cycle = group.#cycle
    cycle.generation = saved.generation
    cycle.protocolType = saved.protocolType
    cycle.protocolName = saved.protocolName
    for (const savedMember of saved.members) {
      const member = new Member(savedMember)
      cycle.members.add(member)
      cycle.renew(member, step.now)
    }
    cycle.members.resumeLeader(saved.leader)
    cycle.readTopics()
    if (saved.members.length === 0) return group
    cycle.state = 'stable'
    if (saved.members.length > options.membersMax) cycle.prepare('too many members', step)
    return group
  }

  get state(): GroupState {
    return this.#cycle.state
  }

  get generation(): number {
    return this.#cycle.generation
  }

  get protocolType(): string | null {
    return this.#cycle.protocolType
  }

  get protocolName(): string | null {
    return this.#cycle.protocolName
  }

  get soonest(): number {
    return this.#cycle.soonest
  }

  /** True when all that is known of the group is what was saved. */
  get isIdle(): boolean {
    return this.#cycle.state === 'empty' && this.#cycle.pendingCount === 0
  }

  get isConsumerGroup(): boolean {
    return this.#cycle.protocolType === CONSUMER_TYPE
  }

  members(): IterableIterator<Member> {
    return this.#cycle.members.all()
  }

  isSubscribedTo(topic: string): boolean {
    return this.#cycle.isSubscribedTo(topic)
  }

  tick(step: Step): void {
    this.#cycle.tick(step)
  }

  /** `newMemberId` is taken when the command comes without an id. */
  join(command: JoinCommand, newMemberId: string, reply: Reply<JoinOutcome>, step: Step): void {
    const { memberId } = command
    const refusal = this.#joinRefusal(command)
    if (refusal !== null) {
      if (refusal === 'group-full') this.#turnAway(memberId, step)
      const keptId = refusal === 'group-full' ? '' : memberId
      answerJoin(reply, { kind: 'refused', refusal, memberId: keptId }, step)
    } else if (memberId === '') this.#joinNew(command, newMemberId, reply, step)
    else if (this.#cycle.isPending(memberId)) this.#admit(command, memberId, reply, step)
    else this.#joinAgain(command, reply, step)
  }

  sync(command: SyncCommand, reply: Reply<SyncOutcome>, step: Step): void {
    const cycle = this.#cycle
    const refusal = this.#syncRefusal(command)
    const member = cycle.members.get(command.memberId)
    if (refusal !== null || member === undefined) {
      answerSync(reply, { kind: 'refused', refusal: refusal ?? 'unknown-member' }, step)
      return
    }
    cycle.synced(member)
    if (cycle.state === 'stable') {
      answerSync(reply, cycle.synchronized(member), step)
      return
    }
    // A repeated request takes over; the older one must not hold up its connection.
    cycle.answerSync(member, { kind: 'refused', refusal: 'rebalancing' }, step)
    member.syncReply = reply
    if (cycle.members.leader !== member.id || this.#savingGeneration === cycle.generation) return
    this.#savingGeneration = cycle.generation
    const { generation } = cycle
    const { assignments } = command
    cycle.save(assignments, { kind: 'assign', generation, assignments }, step)
  }

  /** What waited for the disk goes on, unless the group moved on in the meantime. */
  saved(then: AfterSave, step: Step): void {
    const cycle = this.#cycle
    if (then.kind === 'assign') {
      if (this.#savingGeneration === then.generation) this.#savingGeneration = -1
      if (cycle.state !== 'completing' || cycle.generation !== then.generation) return
      cycle.assign(then.assignments, step)
      return
    }
    const member = cycle.members.get(then.memberId)
    if (member === undefined || member.joinReply === null || cycle.state !== 'stable') return
    const joined = cycle.joined(member)
    if (joined.kind !== 'joined') return
    const isLeader = cycle.members.leader === member.id
    // A client that cannot skip the assignment is told that its former self leads.
    const outcome = then.canSkipAssignment
      ? { ...joined, skipAssignment: isLeader }
      : { ...joined, leader: then.leaderBefore, members: [] }
    cycle.answerJoin(member, outcome, step)
    cycle.renew(member, step.now)
  }

  heartbeat(claim: MemberClaim, step: Step): GroupRefusal | null {
    const refusal = this.#claimRefusal(claim)
    if (refusal !== null) return refusal
    this.#renew(claim.memberId, step)
    return this.#cycle.state === 'preparing' ? 'rebalancing' : null
  }

  leave(requests: readonly LeaveRequest[], step: Step): readonly LeftMember[] {
    const left = requests.map(request => {
      const { memberId, instanceId } = request
      return { memberId, instanceId, refusal: this.#leaveOne(request, step) }
    })
    const gone = left.filter(({ refusal }) => refusal === null)
    if (gone.length > 0 && this.#cycle.state !== 'empty') {
      const names = gone.map(({ memberId, instanceId }) => memberId || instanceId).join(', ')
      this.#cycle.rebalanceOrComplete(`${names} left`, step)
    }
    return left
  }

  /** Whether offsets may be committed. Committing is a sign of life, too. */
  commit(claim: MemberClaim, step: Step): GroupRefusal | null {
    const { state } = this.#cycle
    const { memberId, instanceId, generation } = claim
    if (generation < 0 && state === 'empty') return null
    if (generation < 0 && memberId === '' && instanceId === null) {
      if (state !== 'empty') return 'unknown-member' // Somebody without a group meddles.
    } else {
      const refusal = this.#claimRefusal(claim)
      if (refusal !== null) return refusal
    }
    if (state === 'completing') return 'rebalancing'
    this.#renew(memberId, step)
    return null
  }

  /** Ends all waiting: the broker stops. */
  abandon(step: Step): void {
    for (const member of this.#cycle.members.all()) {
      const refusal = 'unavailable'
      this.#cycle.answerJoin(member, { kind: 'refused', refusal, memberId: member.id }, step)
      this.#cycle.answerSync(member, { kind: 'refused', refusal }, step)
    }
  }

  #joinRefusal(command: JoinCommand): GroupRefusal | null {
    const { state, members } = this.#cycle
    const { memberId, protocols } = command
    if (this.#isFull(memberId)) return 'group-full'
    if (command.protocolType === '' || protocols.length === 0) return 'inconsistent-protocol'
    if (state !== 'empty') {
      if (command.protocolType !== this.#cycle.protocolType) return 'inconsistent-protocol'
      if (!members.supportsAny(protocols)) return 'inconsistent-protocol'
    }
    if (memberId === '') return null
    // Ids are handed out to dynamic members only.
    if (this.#cycle.isPending(memberId))
      return command.instanceId === null ? null : 'unknown-member'
    return members.refusal(memberId, command.instanceId)
  }

  #isFull(memberId: string): boolean {
    const { state, members } = this.#cycle
    const member = members.get(memberId)
    if (state === 'empty') return false
    if (state !== 'preparing') return member === undefined && members.count >= this.#membersMax
    const isJoining = member !== undefined && member.joinReply !== null
    return !isJoining && members.joiningCount >= this.#membersMax
  }

  /** One member too many loses its place, if it had one. */
  #turnAway(memberId: string, step: Step): void {
    const member = this.#cycle.members.get(memberId)
    if (member !== undefined) this.#cycle.expel(member, 'unknown-member', step)
    this.#cycle.removePending(memberId)
    this.#cycle.completeWhenAllJoined(step)
  }

  #joinNew(command: JoinCommand, newId: string, reply: Reply<JoinOutcome>, step: Step): void {
    const { instanceId } = command
    const oldId = instanceId === null ? undefined : this.#cycle.members.idOfInstance(instanceId)
    const old = oldId === undefined ? undefined : this.#cycle.members.get(oldId)
    if (old !== undefined) this.#replace(old, command, newId, reply, step)
    else if (instanceId === null && command.mustKnowId) {
      if (this.#cycle.pendingCount >= limits.groupPendingMax) {
        answerJoin(reply, { kind: 'refused', refusal: 'unavailable', memberId: '' }, step)
        return
      }
      this.#cycle.addPending(newId, step.now + command.sessionMs)
      answerJoin(reply, { kind: 'refused', refusal: 'member-id-required', memberId: newId }, step)
    } else this.#admit(command, newId, reply, step)
  }

  #admit(command: JoinCommand, id: string, reply: Reply<JoinOutcome>, step: Step): void {
    const member = new Member({ ...command, id, assignment: NO_BYTES })
    member.joinReply = reply
    this.#cycle.admit(member, command.protocolType, step)
    this.#cycle.rebalanceOrComplete(because(`${id} joined`, command), step)
  }

  #joinAgain(command: JoinCommand, reply: Reply<JoinOutcome>, step: Step): void {
    const cycle = this.#cycle
    const member = cycle.members.get(command.memberId)
    if (member === undefined || cycle.state === 'empty') {
      const { memberId } = command
      answerJoin(reply, { kind: 'refused', refusal: 'unknown-member', memberId }, step)
      return
    }
    const isSame = member.offers(command.protocols)
    const isLeader = cycle.members.leader === member.id
    const mayStay = cycle.state === 'completing' || (cycle.state === 'stable' && !isLeader)
    if (isSame && mayStay) {
      answerJoin(reply, cycle.joined(member), step) // It missed the answer: here it is again.
      return
    }
    this.#update(member, command, reply, step)
    cycle.rebalanceOrComplete(because(`${member.id} joined again`, command), step)
  }

  /** A static member came back as a new process. The old one, should it live, is told so. */
  #replace(
    old: Member,
    command: JoinCommand,
    newId: string,
    reply: Reply<JoinOutcome>,
    step: Step,
  ): void {
    const cycle = this.#cycle
    const leaderBefore = cycle.members.leader ?? ''
    const refusal = 'fenced-instance'
    cycle.answerJoin(old, { kind: 'refused', refusal, memberId: old.id }, step)
    cycle.answerSync(old, { kind: 'refused', refusal }, step)
    cycle.synced(old)
    const member = new Member({ ...command, id: newId, assignment: old.assignment })
    member.joinReply = reply
    cycle.members.replace(old, member)
    cycle.renew(member, step.now)
    const { canSkipAssignment } = command
    if (cycle.state === 'stable' && cycle.members.electProtocol() === cycle.protocolName)
      cycle.save(null, { kind: 'replaced', memberId: newId, leaderBefore, canSkipAssignment }, step)
    else cycle.rebalanceOrComplete(because(`${newId} took over from ${old.id}`, command), step)
  }

  #update(member: Member, command: JoinCommand, reply: Reply<JoinOutcome>, step: Step): void {
    const { id: memberId } = member
    this.#cycle.answerJoin(member, { kind: 'refused', refusal: 'rebalancing', memberId }, step)
    this.#cycle.members.setProtocols(member, command.protocols)
    member.sessionMs = command.sessionMs
    member.rebalanceMs = command.rebalanceMs
    this.#cycle.members.setJoinReply(member, reply)
  }

  #syncRefusal(command: SyncCommand): GroupRefusal | null {
    const cycle = this.#cycle
    const refusal = this.#claimRefusal(command)
    if (refusal !== null) return refusal
    const { protocolType, protocolName } = command
    const isOther = (claimed: string | null, own: string | null) =>
      claimed !== null && own !== null && claimed !== own
    if (isOther(protocolType, cycle.protocolType) || isOther(protocolName, cycle.protocolName))
      return 'inconsistent-protocol'
    return cycle.state === 'preparing' ? 'rebalancing' : null
  }

  #claimRefusal(claim: MemberClaim): GroupRefusal | null {
    const refusal = this.#cycle.members.refusal(claim.memberId, claim.instanceId)
    if (refusal !== null) return refusal
    return claim.generation === this.#cycle.generation ? null : 'illegal-generation'
  }

  #renew(memberId: string, step: Step): void {
    const member = this.#cycle.members.get(memberId)
    // Who never was in a generation keeps the longer time it was given.
    if (member !== undefined && !member.isNew) this.#cycle.renew(member, step.now)
  }

  #leaveOne({ memberId, instanceId, reason }: LeaveRequest, step: Step): GroupRefusal | null {
    const cycle = this.#cycle
    if (memberId !== '' && cycle.isPending(memberId)) {
      cycle.removePending(memberId)
      return null
    }
    const isByInstance = memberId === '' && instanceId !== null
    const id = isByInstance ? cycle.members.idOfInstance(instanceId) : memberId
    if (id === undefined) return 'unknown-member'
    const refusal = cycle.members.refusal(id, instanceId)
    if (refusal !== null) return refusal
    const member = cycle.members.get(id)!
    cycle.expel(member, 'unknown-member', step)
    const facts = { group: this.id, member: id, reason }
    step.effects.push({ kind: 'note', message: 'member left', facts })
    return null
  }
}

function answerJoin(reply: Reply<JoinOutcome>, outcome: JoinOutcome, step: Step): void {
  step.effects.push({ kind: 'answerJoin', reply, outcome })
}

function answerSync(reply: Reply<SyncOutcome>, outcome: SyncOutcome, step: Step): void {
  step.effects.push({ kind: 'answerSync', reply, outcome })
}

const because = (what: string, { reason }: JoinCommand): string =>
  reason === null ? what : `${what}: ${reason}`
