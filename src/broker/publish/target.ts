import type { Queue } from '../queue/queue.ts'
import type { QueueDirectory, Route, TopicDirectory } from '../routing/index.ts'
import type { Topic } from '../topic/index.ts'

/** Routes by name that one target has before stale ones are looked for. */
const ROUTES_SWEPT = 16

/** What takes messages under one name: a queue, or a topic that no queue of that name is on. */
export class Target {
  readonly namespace: string
  readonly name: string
  queue: Queue | null = null
  /** Null when there is a queue. */
  topic: Topic | null = null
  /** What it holds survives a restart, if the message is to. */
  isDurable = false
  /** The partition that records without a key go to for now. */
  partitionNow = 0
  /** Routes that came here by its name alone. */
  routes: Route[] = []

  constructor(namespace: string, name: string) {
    this.namespace = namespace
    this.name = name
  }

  /** The route ends when the name means nothing any more. */
  tell(route: Route): void {
    if (this.routes.length >= ROUTES_SWEPT) this.routes = this.routes.filter(old => !old.isStale)
    this.routes.push(route)
  }

  get isGone(): boolean {
    return this.queue === null && this.topic === null
  }
}

/** Keeps what routes lead to in step with the queues and topics there are. */
export class Targets {
  readonly #queues: QueueDirectory
  readonly #topics: TopicDirectory
  readonly #byName = new Map<string, Target>()

  constructor(parts: { queues: QueueDirectory; topics: TopicDirectory }) {
    this.#queues = parts.queues
    this.#topics = parts.topics
    parts.queues.onDeclared(({ spec }) => this.#changed(spec.namespace, spec.name))
    parts.queues.onDeleted(({ spec }) => this.#changed(spec.namespace, spec.name))
    parts.topics.onDeleted(({ namespace, name }) => this.#changed(namespace, name))
  }

  find(namespace: string, name: string): Target | undefined {
    const key = `${namespace}\0${name}`
    const known = this.#byName.get(key)
    if (known !== undefined) return known
    const target = new Target(namespace, name)
    this.#resolve(target)
    if (target.isGone) return undefined
    this.#byName.set(key, target)
    return target
  }

  #changed(namespace: string, name: string): void {
    const key = `${namespace}\0${name}`
    const target = this.#byName.get(key)
    if (target === undefined) return
    this.#resolve(target)
    if (!target.isGone) return
    this.#byName.delete(key)
    for (const route of target.routes) route.isStale = true
    target.routes = []
  }

  #resolve(target: Target): void {
    const queue = this.#queues.find(target.namespace, target.name)
    const topic = this.#topics.find(target.namespace, target.name)
    target.queue = queue === undefined || queue.isDeleted ? null : queue
    target.topic = target.queue !== null || topic?.isDeleted !== false ? null : topic
    target.isDurable = target.queue?.spec.isDurable ?? true
  }
}
