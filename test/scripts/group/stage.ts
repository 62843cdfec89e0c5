import type {
  AfterSave,
  GroupEffect,
  JoinCommand,
  Step,
} from '../../../src/broker/group/command.ts'
import type { SavedGroup } from '../../../src/broker/group/events.ts'
import { Group } from '../../../src/broker/group/group.ts'
import type { JoinOutcome, SyncOutcome } from '../../../src/broker/group/outcome.ts'
import type { Millis } from '../../../src/lib/brand.ts'
import type { Actor } from '../script.ts'

/** A client as the script knows it: by its first name, whatever ids the group gives it. */
type Person = { name: string; id: string; instance: string | null; generation: number }
type Words = ReadonlyMap<string, string>

const OPTIONS = { gatherMs: 50, membersMax: 3 }

/**
 * One group and the clients around it. Commands, with options as `key=value`:
 *
 *   anna joins [offers=range:x,roundrobin] [type=consumer] [instance=i] [v=9] [session=ms]
 *   anna syncs [bert=..,anna=..] [generation=n] [protocol=p]
 *   anna beats [generation=n] | anna leaves | anna leaves by instance | anna commits
 *   anna forgets the id | wait <ms> | disk holds | disk confirms | restart | show
 */
export function groupStage(): Actor {
  const stage = new Stage()
  return line => stage.act(line)
}

const said = (words: readonly string[]): Words =>
  new Map(words.filter(word => word.includes('=')).map(word => splitOnce(word, '=')))

function splitOnce(text: string, separator: string): [string, string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

class Stage {
  #group = new Group('g', OPTIONS)
  #now = 0
  #people = new Map<string, Person>()
  #idCount = 0
  #saved: SavedGroup | null = null
  #held: { group: SavedGroup; then: AfterSave | null }[] = []
  #isHolding = false
  #lines: string[] = []

  act(line: string): readonly string[] {
    this.#lines = []
    const words = line.split(' ')
    const [first = '', second = ''] = words
    if (first === 'wait') this.#wait(Number(second))
    else if (first === 'disk') this.#disk(second)
    else if (first === 'restart') this.#restart()
    else if (first === 'show') this.#show()
    else this.#person(this.#named(first), second, words.slice(2))
    return this.#lines
  }

  #person(person: Person, verb: string, words: readonly string[]): void {
    const options = said(words)
    const claim = {
      memberId: person.id,
      instanceId: person.instance,
      generation: Number(options.get('generation') ?? person.generation),
    }
    if (verb === 'joins') this.#join(person, options)
    else if (verb === 'forgets') person.id = ''
    else if (verb === 'syncs') {
      const isAssignment = (key: string) => key !== 'generation' && key !== 'protocol'
      const assignments = [...options].filter(([key]) => isAssignment(key))
      const command = {
        ...claim,
        protocolType: null,
        protocolName: options.get('protocol') ?? null,
        assignments: new Map(assignments.map(([of, to]) => [this.#named(of).id, Buffer.from(to)])),
      }
      this.#do(step => this.#group.sync(command, outcome => this.#synced(person, outcome), step))
    } else if (verb === 'beats') {
      const refusal = this.#do(step => this.#group.heartbeat(claim, step))
      this.#say(`${person.name}: ${refusal ?? 'ok'}`)
    } else if (verb === 'commits') {
      const refusal = this.#do(step => this.#group.commit(claim, step))
      this.#say(`${person.name}: ${refusal ?? 'committed'}`)
    } else if (verb === 'leaves') {
      const memberId = words.includes('instance') ? '' : person.id
      const request = { memberId, instanceId: person.instance, reason: null }
      const left = this.#do(step => this.#group.leave([request], step))
      this.#say(`${person.name}: ${left[0]?.refusal ?? 'left'}`)
    } else throw new Error(`nobody knows how to "${verb}"`)
  }

  #join(person: Person, options: Words): void {
    const version = Number(options.get('v') ?? 3)
    person.instance = options.get('instance') ?? person.instance
    const offers = (options.get('offers') ?? 'range').split(',')
    const sessionMs = Number(options.get('session') ?? 10_000)
    const command: JoinCommand = {
      memberId: person.id,
      instanceId: person.instance,
      clientId: person.name,
      clientHost: '/127.0.0.1',
      sessionMs,
      rebalanceMs: 60_000,
      protocolType: options.get('type') ?? 'consumer',
      protocols: offers.map(offer => {
        const [name, metadata] = splitOnce(offer, ':')
        return { name, metadata: Buffer.from(metadata) }
      }),
      mustKnowId: version >= 4,
      canSkipAssignment: version >= 9,
      reason: null,
    }
    const newId = `${person.name}-${++this.#idCount}`
    const reply = (outcome: JoinOutcome) => this.#joined(person, outcome)
    this.#do(step => this.#group.join(command, newId, reply, step))
  }

  #joined(person: Person, outcome: JoinOutcome): void {
    if (outcome.kind === 'refused') {
      const { refusal, memberId } = outcome
      if (refusal === 'member-id-required') person.id = memberId
      this.#say(`${person.name}: ${refusal}${memberId === '' ? '' : ` (${memberId})`}`)
      return
    }
    person.id = outcome.memberId
    person.generation = outcome.generation
    const members = outcome.members.map(member => `${member.memberId}:${member.metadata}`)
    const leads = members.length > 0 ? `, leads ${members.join(' ')}` : ''
    const skips = outcome.skipAssignment ? ', skips' : ''
    const { memberId, generation, protocolName, leader } = outcome
    const head = `${person.name}: joined as ${memberId}, generation ${generation}`
    this.#say(`${head}, ${protocolName}, leader ${leader}${leads}${skips}`)
  }

  #synced(person: Person, outcome: SyncOutcome): void {
    if (outcome.kind === 'refused') this.#say(`${person.name}: ${outcome.refusal}`)
    else this.#say(`${person.name}: gets "${outcome.assignment}" by ${outcome.protocolName}`)
  }

  #wait(ms: number): void {
    for (const end = this.#now + ms; this.#now < end; ) {
      // Never past a deadline, or many would be met at once that are apart in life.
      this.#now = Math.min(end, Math.max(this.#group.soonest, this.#now + 1))
      this.#do(step => this.#group.tick(step))
    }
  }

  #disk(verb: string): void {
    this.#isHolding = verb === 'holds'
    if (this.#isHolding) return
    for (const { group, then } of this.#held.splice(0)) this.#confirm(group, then)
  }

  #restart(): void {
    this.#held = []
    const step = this.#step()
    this.#group =
      this.#saved === null ? new Group('g', OPTIONS) : Group.resume('g', this.#saved, OPTIONS, step)
    this.#perform(step.effects)
  }

  #show(): void {
    const { state, generation } = this.#group
    const members = [...this.#group.members()].map(({ id }) => id)
    this.#say(`${state}, generation ${generation}, ${members.join(' ') || 'nobody'}`)
  }

  #named(name: string): Person {
    const known = this.#people.get(name)
    if (known !== undefined) return known
    const person = { name, id: '', instance: null, generation: -1 }
    this.#people.set(name, person)
    return person
  }

  #step(): Step {
    return { now: this.#now, effects: [] }
  }

  #do<Result>(decide: (step: Step) => Result): Result {
    const step = this.#step()
    const result = decide(step)
    this.#perform(step.effects)
    return result
  }

  #perform(effects: readonly GroupEffect[]): void {
    for (const effect of effects) {
      if (effect.kind === 'answerJoin') effect.reply(effect.outcome)
      if (effect.kind === 'answerSync') effect.reply(effect.outcome)
      if (effect.kind !== 'save') continue
      const group = { ...effect.group, savedAt: this.#now as Millis }
      this.#say(`saved generation ${group.generation} of ${group.members.length}`)
      if (this.#isHolding) this.#held.push({ group, then: effect.then })
      else this.#confirm(group, effect.then)
    }
  }

  #confirm(group: SavedGroup, then: AfterSave | null): void {
    this.#saved = group
    if (then !== null) this.#do(step => this.#group.saved(then, step))
  }

  #say(line: string): void {
    this.#lines.push(line)
  }
}
