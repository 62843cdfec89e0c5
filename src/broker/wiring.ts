import type { Broker } from './broker.ts'
import { withPolicy } from './policy/index.ts'
import { DeadLetters } from './publish/index.ts'
import { Admission } from './queue/index.ts'

/** What the parts owe each other and cannot know. */
export function wire(broker: Broker): void {
  settings(broker)
  messages(broker)
  ends(broker)
}

/** What is in force for queues. */
function settings({ policies, queues }: Broker): void {
  queues.effectiveSettings = ({ namespace, name, type, declared }, given) => {
    const { definition } = policies.effective({ kind: 'queue', namespace, name, type })
    return Object.keys(definition).length === 0
      ? given
      : withPolicy({ type, declared, definition }, given)
  }
  policies.onChanged(() => queues.policiesChanged())
}

/** Ways that lead back: from queues and from the schedule to exchanges, from topics to queues. */
function messages(broker: Broker): void {
  const { appender, entries, runtime, mappings, namespaces, publisher, queues, schedule } = broker
  const { packers, turn } = broker
  // Lists and streams count on the offsets that what they packed is going to have.
  appender.precedence = {
    yieldTo: ({ logId }) => {
      if (packers.waitingCount(logId) > 0) turn.flush()
    },
  }
  appender.admission = new Admission(topic => queues.onTopic(topic))
  publisher.schedule = schedule
  schedule.outlet = publisher
  queues.deadLetters = new DeadLetters(runtime, { publisher, mappings, turn })
  entries.deadLetters = new DeadLetters(runtime, { publisher, mappings, turn })
  broker.keyspace.attach([broker.lists, broker.entries])
  broker.channels.isApart = topic => entries.isOwn(topic)
  namespaces.onTraced((name, isTraced) => publisher.tracing.set(name, isTraced))
}

/** What goes when something else has gone. */
function ends(broker: Broker): void {
  const { exchanges, namespaces, publisher, queues, schedule, sessions, streams, topics } = broker
  sessions.onClosed(({ id }) => {
    queues.sessionClosed(id)
    broker.lists.sessionClosed(id)
  })
  queues.onDeleted(queue => streams.queueDeleted(queue))
  exchanges.onDeleted(({ spec }) => schedule.cancel(spec.namespace, spec.name))
  namespaces.onDeleted(({ name }) => {
    publisher.tracing.set(name, false)
    broker.keyspace.namespaceDeleted(name)
    for (const queue of [...queues.inNamespace(name)]) queues.delete(queue)
    for (const topic of [...topics.all()]) {
      if (topic.namespace === name) topics.deleteNow(topic.id)
    }
  })
}
