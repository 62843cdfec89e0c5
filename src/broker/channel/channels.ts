import type { Packers } from '../publish/index.ts'
import type { MessagePublisher } from '../publish/index.ts'
import type { Policies } from '../policy/index.ts'
import type { Queues } from '../queue/index.ts'
import type { Streams } from '../stream/index.ts'
import type { Topic, Topics } from '../topic/index.ts'
import type { Turn } from '../turn.ts'
import { ChannelSpace } from './space.ts'
import { TopicLinks } from './topic-links.ts'

export type ChannelPorts = {
  readonly topics: Topics
  readonly queues: Queues
  readonly policies: Policies
  readonly publisher: MessagePublisher
  readonly packers: Packers
  readonly streams: Streams
  readonly turn: Turn
}

/** Ephemeral publish and subscribe. */
export class Channels {
  /**
   * Assigned by whoever knows: topics whose name is no channel unless a policy says so, though no
   * queue owns them.
   */
  isApart: (topic: Topic) => boolean = () => false
  readonly #ports: ChannelPorts
  readonly #spaces = new Map<string, { space: ChannelSpace; links: TopicLinks }>()

  constructor(ports: ChannelPorts) {
    this.#ports = ports
    const { topics, queues, policies } = ports
    const changed = (namespace: string, name: string): void =>
      this.#spaces.get(namespace)?.links.changed(name)
    topics.onCreated(({ namespace, name }) => this.#spaces.get(namespace)?.links.created(name))
    topics.onDeleted(({ namespace, name }) => changed(namespace, name))
    queues.onDeclared(({ spec }) => changed(spec.namespace, spec.name))
    queues.onDeleted(({ spec }) => changed(spec.namespace, spec.name))
    policies.onChanged(namespace => this.#spaces.get(namespace)?.links.policiesChanged())
  }

  /** The channels of a namespace: the same object for ever. */
  in(namespace: string): ChannelSpace {
    const known = this.#spaces.get(namespace)
    if (known !== undefined) return known.space
    let links: TopicLinks | null = null
    const space = new ChannelSpace(made => {
      const isApart = (topic: Topic): boolean => this.isApart(topic)
      return (links = new TopicLinks({ ...this.#ports, namespace, space: made, isApart }))
    })
    this.#spaces.set(namespace, { space, links: links! }) // The space has just asked for them.
    return space
  }
}
