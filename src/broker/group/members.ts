import { assert } from '../../lib/assert.ts'
import type { Member, MemberProtocol } from './member.ts'
import type { GroupRefusal, JoinOutcome, Reply } from './outcome.ts'

/**
 * Who is in a group, and what they have in common. Counts are kept, not recomputed, because a
 * group of thousands joins one by one.
 */
export class Members {
  readonly #byId = new Map<string, Member>()
  readonly #idByInstance = new Map<string, string>()
  /** How many members offer a protocol. */
  readonly #offered = new Map<string, number>()
  #joiningCount = 0
  #leader: string | null = null

  get count(): number {
    return this.#byId.size
  }

  /** Members whose join waits for the next generation. */
  get joiningCount(): number {
    return this.#joiningCount
  }

  get leader(): string | null {
    return this.#leader
  }

  all(): IterableIterator<Member> {
    return this.#byId.values()
  }

  get(id: string): Member | undefined {
    return this.#byId.get(id)
  }

  idOfInstance(instanceId: string): string | undefined {
    return this.#idByInstance.get(instanceId)
  }

  /** The first to come leads. */
  add(member: Member): void {
    assert(!this.#byId.has(member.id), 'a member is added once')
    if (member.instanceId !== null) {
      assert(!this.#idByInstance.has(member.instanceId), 'an instance is one member')
      this.#idByInstance.set(member.instanceId, member.id)
    }
    this.#byId.set(member.id, member)
    this.#count(member.protocols, 1)
    if (member.joinReply !== null) this.#joiningCount++
    this.#leader ??= member.id
  }

  /** The oldest of the others leads when the leader goes. */
  remove(member: Member): void {
    if (!this.#byId.delete(member.id)) return
    this.#count(member.protocols, -1)
    if (member.joinReply !== null) this.#joiningCount--
    if (member.instanceId !== null) this.#idByInstance.delete(member.instanceId)
    if (this.#leader === member.id) this.#leader = this.#byId.keys().next().value ?? null
  }

  /** A static member's new process takes the place of the old one, leadership included. */
  replace(old: Member, member: Member): void {
    assert(old.joinReply === null && old.syncReply === null, 'the old process was answered')
    const wasLeader = this.#leader === old.id
    this.remove(old)
    this.add(member)
    if (wasLeader) this.#leader = member.id
  }

  resumeLeader(id: string | null): void {
    if (id !== null && this.#byId.has(id)) this.#leader = id
  }

  setProtocols(member: Member, protocols: readonly MemberProtocol[]): void {
    this.#count(member.protocols, -1)
    member.protocols = protocols
    this.#count(protocols, 1)
  }

  /** Parks or takes away the reply a joining member waits for. */
  setJoinReply(member: Member, reply: Reply<JoinOutcome> | null): void {
    if (this.#byId.get(member.id) === member)
      this.#joiningCount += Number(reply !== null) - Number(member.joinReply !== null)
    member.joinReply = reply
  }

  /** A leader that did not come back is succeeded. False when nobody came back at all. */
  electLeader(): boolean {
    const leader = this.#leader === null ? undefined : this.#byId.get(this.#leader)
    if (leader !== undefined && leader.joinReply !== null) return true
    for (const member of this.#byId.values()) {
      if (member.joinReply === null) continue
      this.#leader = member.id
      return true
    }
    return false
  }

  /** Why this id, with this instance id, may not speak for the group; null when it may. */
  refusal(id: string, instanceId: string | null): GroupRefusal | null {
    if (instanceId !== null) {
      const known = this.#idByInstance.get(instanceId)
      if (known === undefined) return 'unknown-member'
      if (known !== id) return 'fenced-instance'
    }
    return this.#byId.has(id) ? null : 'unknown-member'
  }

  /** True when every member offers at least one of these. */
  supportsAny(protocols: readonly MemberProtocol[]): boolean {
    return protocols.some(({ name }) => this.#isCommon(name))
  }

  /** Each member votes for the first of its protocols that all offer; most votes win. */
  electProtocol(): string {
    const votes = new Map<string, number>()
    let winner = ''
    for (const member of this.#byId.values()) {
      const choice = member.protocols.find(({ name }) => this.#isCommon(name))
      assert(choice !== undefined, 'a member shares a protocol with the group')
      const count = (votes.get(choice.name) ?? 0) + 1
      votes.set(choice.name, count)
      if (count > (votes.get(winner) ?? 0)) winner = choice.name
    }
    return winner
  }

  /** The longest that any member asks for to come back. */
  rebalanceMs(): number {
    let longest = 0
    for (const member of this.#byId.values()) longest = Math.max(longest, member.rebalanceMs)
    return longest
  }

  #isCommon(name: string): boolean {
    return (this.#offered.get(name) ?? 0) === this.#byId.size
  }

  #count(protocols: readonly MemberProtocol[], step: 1 | -1): void {
    // A name counts once for a member, however often it lists it.
    for (const name of new Set(protocols.map(protocol => protocol.name))) {
      const count = (this.#offered.get(name) ?? 0) + step
      if (count === 0) this.#offered.delete(name)
      else this.#offered.set(name, count)
    }
  }
}
