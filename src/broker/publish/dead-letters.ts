import { limits } from '../../limits/limits.ts'
import {
  type Annotations,
  type Death,
  type DeathReason,
  encodeAnnotations,
} from '../../message/annotations.ts'
import type { Mappings } from '../../message/mapping.ts'
import { origins } from '../../message/origin.ts'
import { Publication } from '../../message/publication.ts'
import type { StoredMessage } from '../../message/stored-message.ts'
import type { DeadLetterPort } from '../queue/fate/dead-letter-port.ts'
import type { Queue, QueueSettings } from '../queue/index.ts'
import type { Route } from '../routing/index.ts'
import type { Runtime } from '../runtime.ts'
import type { Turn } from '../turn.ts'
import type { MessagePublisher, Watch } from './message-publisher.ts'
import { published } from './publisher.ts'
import type { Target } from './target.ts'
import { propertiesOf } from './tracing.ts'

/** Complaints that are remembered, so that each is logged once. */
const COMPLAINTS_MAX = 1000

export type DeadLetterParts = {
  readonly publisher: MessagePublisher
  readonly mappings: Mappings
  readonly turn: Turn
}

/** Publishes what died in a queue to the exchange its queue names, and says where it died. */
export class DeadLetters implements DeadLetterPort {
  readonly #runtime: Runtime
  readonly #publisher: MessagePublisher
  readonly #mappings: Mappings
  readonly #turn: Turn
  /** One for each message that made another one die, which made another one die. */
  readonly #publications: Publication[] = []
  #depth = 0
  readonly #complaints = new Set<string>()

  constructor(runtime: Runtime, parts: DeadLetterParts) {
    this.#runtime = runtime
    this.#publisher = parts.publisher
    this.#mappings = parts.mappings
    this.#turn = parts.turn
  }

  send(queue: DeathPlace, message: StoredMessage, reason: DeathReason): boolean {
    const { deadLetterExchange, deadLetterRoutingKey, deadLetterStrategy } = queue.settings
    if (deadLetterExchange === null) return true
    // A disk without room is no reason to lose what was promised, whatever the strategy.
    if (this.#runtime.store.refusal !== null) return false
    const mayStay = deadLetterStrategy === 'at-least-once'
    const { namespace, name } = queue.spec
    const known = message.annotations()
    const keys = this.#keysOf(message, known)
    const routingKey = deadLetterRoutingKey ?? keys[0]!
    const route = this.#routeTo(namespace, deadLetterExchange, routingKey)
    if (route === undefined) {
      this.#complain(`no exchange for dead letters: ${deadLetterExchange}`, queue)
      return !mayStay
    }
    const copies = deadLetterRoutingKey === null ? keys.slice(1) : []
    const annotations = afterDeath(known, {
      queue: name,
      reason,
      count: 1,
      time: this.#runtime.clock.now(),
      exchange: message.exchange(),
      routingKeys: keys,
      ...(message.ttlMs < 0 ? {} : { originalTtlMs: message.ttlMs }),
    })
    const publication = this.#begin(
      message,
      keys.length === 1 ? annotations : { ...annotations, copies },
    )
    publication.addressTo(deadLetterExchange, routingKey)
    publication.copies = copies.length === 0 ? null : copies
    const isTaken = this.#publish({ queue, route, publication, deaths: annotations.deaths, reason })
    this.#depth--
    return isTaken || !mayStay
  }

  #publish(letter: Letter): boolean {
    const { queue, route, publication } = letter
    const mayStay = queue.settings.deadLetterStrategy === 'at-least-once'
    if (this.#depth > limits.deadLetterDepthMax) {
      // Each full queue on the way takes stack. What may be lost is sent a little later.
      if (!mayStay) this.#postpone({ ...letter, publication: publication.copy() })
      return !mayStay
    }
    if (mayStay && !this.#allTake(letter)) return false
    const bits = this.#publisher.forward(route, publication, this.#watch(letter))
    return (bits & published.routed) !== 0 && (bits & published.rejected) === 0
  }

  /** Still before the turn's end, and so in the same slot. */
  #postpone(letter: Letter): void {
    this.#turn.add('pack', () => {
      const { namespace, exchange, routingKey } = letter.route
      const route = this.#publisher.innerRoute(namespace, exchange, routingKey)
      if (route === undefined) return
      this.#publisher.forward(route, letter.publication, this.#watch(letter))
    })
  }

  /** Looks before it leaps: what one of several refuses would reach the others again and again. */
  #allTake(letter: Letter): boolean {
    let count = 0
    let fullCount = 0
    const cycles = this.#watch(letter)
    const accepts = (target: Target): boolean => {
      if (!cycles.accepts(target)) return false
      count++
      if (target.queue !== null && isFull(target.queue)) fullCount++
      return false
    }
    const isDelayed = this.#publisher.probe(letter.route, letter.publication, { accepts })
    if (count === 0 && !isDelayed) this.#complain('no queue takes dead letters', letter.queue)
    return fullCount === 0 && (count > 0 || isDelayed)
  }

  #watch({ queue, deaths, reason }: Letter): Watch {
    return {
      accepts: ({ name }) => {
        if (reason === 'rejected' || !isCycle(name, deaths)) return true
        this.#complain(`dropped, since dead letters go in a circle to ${name}`, queue)
        return false
      },
    }
  }

  #routeTo(namespace: string, exchange: string, routingKey: string): Route | undefined {
    // Arguments may be longer than what an address holds.
    if (Buffer.byteLength(routingKey) > 255) return undefined
    return this.#publisher.innerRoute(namespace, exchange, routingKey)
  }

  /** Its routing key, and those its sender added for all to see. */
  #keysOf(message: StoredMessage, { copies }: Annotations): string[] {
    const keys = [message.routingKey()]
    if (copies !== undefined) return [...keys, ...copies]
    if (message.origin === origins.kafka) return keys
    const properties = message.properties()
    if (!properties.includes('CC')) return keys
    const added = this.#mappings.of(message.origin).toCommon(properties).headers.get('CC')
    if (Array.isArray(added)) for (const key of added) if (typeof key === 'string') keys.push(key)
    return keys
  }

  #begin(message: StoredMessage, annotations: Annotations): Publication {
    const publication = this.#publications[this.#depth] ?? new Publication()
    this.#publications[this.#depth++] = publication
    const properties = propertiesOf(message)
    publication.origin = message.origin
    publication.properties = properties
    publication.propertiesStart = 0
    publication.propertiesEnd = properties.length
    publication.body = message.body
    publication.bodyStart = message.bodyStart
    publication.bodyEnd = message.bodyEnd
    publication.key = message.key()
    publication.priority = message.priority
    publication.isPersistent = true
    publication.annotations = encodeAnnotations(annotations)
    return publication
  }

  #complain(what: string, { spec }: DeathPlace): void {
    const complaint = `${spec.namespace}\0${spec.name}\0${what}`
    if (this.#complaints.has(complaint) || this.#complaints.size >= COMPLAINTS_MAX) return
    this.#complaints.add(complaint)
    this.#runtime.logger.warn({ namespace: spec.namespace, queue: spec.name }, what)
  }
}

/** A queue, or somebody else who hands out messages and may have had enough of one. */
export type DeathPlace = {
  readonly spec: { readonly namespace: string; readonly name: string }
  readonly settings: Pick<
    QueueSettings,
    'deadLetterExchange' | 'deadLetterRoutingKey' | 'deadLetterStrategy'
  >
}

type Letter = {
  readonly queue: DeathPlace
  readonly route: Route
  readonly publication: Publication
  readonly deaths: readonly Death[]
  readonly reason: DeathReason
}

/** The latest death comes first; one that happened before is counted, and keeps its first time. */
function afterDeath(
  known: Annotations,
  death: Death,
): Annotations & { readonly deaths: readonly Death[] } {
  const before = known.deaths ?? []
  const same = before.find(one => one.queue === death.queue && one.reason === death.reason)
  const latest = same === undefined ? death : { ...same, count: same.count + 1 }
  const place = { queue: death.queue, reason: death.reason, exchange: death.exchange }
  return {
    ...known,
    deaths: [latest, ...before.filter(one => one !== same)],
    firstDeath: known.firstDeath ?? place,
    lastDeath: place,
  }
}

/** It died there before, and since then nobody rejected it: it would go round for ever. */
function isCycle(queue: string, deaths: readonly Death[]): boolean {
  for (const death of deaths) {
    if (death.reason === 'rejected') return false
    if (death.queue === queue) return true
  }
  return false
}

function isFull({ settings, readyBytes, readyCount }: Queue): boolean {
  if (settings.overflow === 'drop-head') return false
  if (settings.lengthMax !== null && readyCount >= settings.lengthMax) return true
  return settings.lengthBytesMax !== null && readyBytes >= settings.lengthBytesMax
}
