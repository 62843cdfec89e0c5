import type { StateMachine, Store } from '../log/store.ts'
import { Mappings } from '../message/mapping.ts'
import { Users } from './access/index.ts'
import { Alarms } from './alarms/index.ts'
import { SharedBodies } from './bodies/index.ts'
import { Waiters } from './fetch/index.ts'
import { Groups } from './group/index.ts'
import { Namespaces } from './namespace/index.ts'
import { Parameters, Policies } from './policy/index.ts'
import { Appender, Producers } from './producer/index.ts'
import { DeadLetters, MessagePublisher, Packers } from './publish/index.ts'
import { Queues } from './queue/index.ts'
import { Exchanges } from './routing/index.ts'
import { Runtime } from './runtime.ts'
import { Schedule } from './schedule/index.ts'
import { Streams } from './stream/index.ts'
import { Sessions } from './session/index.ts'
import { Topics } from './topic/index.ts'
import { Turn } from './turn.ts'
import { wire } from './wiring.ts'

/** What messaging means, free of bytes and sockets. Every protocol comes through this door. */
export class Broker {
  readonly runtime: Runtime
  readonly namespaces: Namespaces
  /** Who may connect, and what they may. */
  readonly access: Users
  /** Who is connected. */
  readonly sessions: Sessions
  /** Whether there is memory and disk enough to publish. */
  readonly alarms: Alarms
  readonly policies: Policies
  readonly parameters: Parameters
  readonly turn: Turn
  /** How protocols write properties. Each registers its own. */
  readonly mappings = new Mappings()
  readonly topics: Topics
  /** Bodies that are stored once for several logs. */
  readonly bodies: SharedBodies
  /** Collects what is published in a turn. */
  readonly packers: Packers
  readonly queues: Queues
  readonly exchanges: Exchanges
  /** The way in for messages. */
  readonly publisher: MessagePublisher
  readonly producers: Producers
  readonly groups: Groups
  /** Writes batches of producers to logs. */
  readonly appender: Appender
  /** Readers that wait for a log to get further. */
  readonly waiters: Waiters
  /** Readers of topics with a cursor, who are given messages as they come. */
  readonly streams: Streams

  /** Messages that are to be routed later. */
  readonly schedule: Schedule

  private constructor(runtime: Runtime) {
    this.runtime = runtime
    this.namespaces = new Namespaces(runtime)
    this.access = new Users(runtime, this.namespaces)
    this.sessions = new Sessions(this.access, this.namespaces)
    this.alarms = new Alarms(runtime, this.sessions)
    this.policies = new Policies(runtime, this.namespaces)
    this.parameters = new Parameters(runtime, this.namespaces, this.policies)
    this.turn = new Turn(runtime)
    this.topics = new Topics(runtime)
    this.bodies = new SharedBodies(runtime, this.topics)
    this.packers = new Packers(runtime, this.turn, this.bodies)
    const { topics, turn, packers } = this
    this.queues = new Queues(runtime, { topics, turn, packers })
    this.sessions.onClosed(({ id }) => this.queues.sessionClosed(id))
    const { mappings, namespaces, policies, queues } = this
    this.exchanges = new Exchanges(runtime, { queues, topics, policies, namespaces })
    const { exchanges } = this
    const ports = { exchanges, queues, topics, packers, turn, mappings }
    this.publisher = new MessagePublisher(runtime, ports)
    const { publisher } = this
    this.schedule = new Schedule(runtime, { turn, packers })
    this.schedule.outlet = publisher
    publisher.schedule = this.schedule
    exchanges.onDeleted(({ spec }) => this.schedule.cancel(spec.namespace, spec.name))
    namespaces.onTraced((name, isTraced) => publisher.tracing.set(name, isTraced))
    namespaces.onDeleted(({ name }) => publisher.tracing.set(name, false))
    this.queues.deadLetters = new DeadLetters(runtime, { publisher, mappings, turn })
    this.producers = new Producers(runtime)
    this.groups = new Groups(runtime, this.topics)
    this.appender = new Appender(runtime, this.producers)
    this.waiters = new Waiters(runtime)
    const { bodies } = this
    this.streams = new Streams(runtime, { topics, turn, bodies })
    wire(this)
  }

  /** Builds the parts, lets the store replay into them, then starts their timers. */
  static async open(
    runtime: Runtime,
    openStore: (machines: readonly StateMachine[]) => Promise<Store>,
  ): Promise<Broker> {
    const broker = new Broker(runtime)
    const machines: StateMachine[] = [
      broker.namespaces,
      broker.access,
      broker.policies,
      broker.parameters,
      broker.topics,
      broker.bodies,
      broker.queues,
      broker.exchanges,
      broker.schedule,
      broker.producers,
      broker.groups,
    ]
    runtime.attach(await openStore(machines))
    broker.access.start()
    broker.alarms.start()
    broker.topics.start()
    broker.bodies.start()
    broker.exchanges.start()
    broker.queues.start()
    broker.publisher.start()
    broker.schedule.start()
    broker.producers.start()
    broker.groups.start()
    broker.waiters.start()
    broker.streams.start()
    return broker
  }

  /** Ends waiting requests, then closes the store. */
  async close(): Promise<void> {
    this.schedule.stop()
    this.alarms.stop()
    this.waiters.stop()
    this.queues.stop()
    this.groups.stop()
    this.producers.stop()
    this.bodies.stop()
    this.topics.stop()
    await this.runtime.store.close()
  }
}
