import type { Namespaces } from './namespace/index.ts'
import { type Policies, withPolicy } from './policy/index.ts'
import type { Queues } from './queue/index.ts'
import type { Sessions } from './session/index.ts'
import type { Streams } from './stream/index.ts'
import type { Topics } from './topic/index.ts'

/** What the parts owe each other and cannot know. */
export function wire(parts: {
  readonly namespaces: Namespaces
  readonly policies: Policies
  readonly queues: Queues
  readonly sessions: Sessions
  readonly streams: Streams
  readonly topics: Topics
}): void {
  const { namespaces, policies, queues, sessions, streams, topics } = parts
  queues.effectiveSettings = ({ namespace, name, type, declared }, settings) => {
    const { definition } = policies.effective({ kind: 'queue', namespace, name, type })
    return Object.keys(definition).length === 0
      ? settings
      : withPolicy({ type, declared, definition }, settings)
  }
  policies.onChanged(() => queues.policiesChanged())
  queues.onDeleted(queue => streams.queueDeleted(queue))
  sessions.onClosed(({ id }) => queues.sessionClosed(id))
  namespaces.onDeleted(({ name }) => {
    for (const queue of [...queues.inNamespace(name)]) queues.delete(queue)
    for (const topic of [...topics.all()]) {
      if (topic.namespace === name) topics.deleteNow(topic.id)
    }
  })
}
