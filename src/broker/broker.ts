import type { StateMachine, Store } from '../log/store.ts'
import { Mappings } from '../message/mapping.ts'
import { Users } from './access/index.ts'
import { Alarms } from './alarms/index.ts'
import { SharedBodies } from './bodies/index.ts'
import { Channels } from './channel/index.ts'
import { EntryStreams } from './entries/index.ts'
import { Waiters } from './fetch/index.ts'
import { Groups } from './group/index.ts'
import { Jobs } from './job/index.ts'
import { Keyspace } from './keyspace/index.ts'
import { Lists } from './list/index.ts'
import { Namespaces } from './namespace/index.ts'
import { Parameters, Policies } from './policy/index.ts'
import { Appender, Producers } from './producer/index.ts'
import { MessagePublisher, Packers } from './publish/index.ts'
import { Queues } from './queue/index.ts'
import { Exchanges } from './routing/index.ts'
import { Runtime } from './runtime.ts'
import { Schedule } from './schedule/index.ts'
import { Sessions } from './session/index.ts'
import { Streams } from './stream/index.ts'
import { Topics } from './topic/index.ts'
import { Turn } from './turn.ts'
import { wire } from './wiring.ts'

/** What messaging means, free of bytes and sockets. Every protocol comes through this door. */
export class Broker {
  readonly runtime: Runtime
  readonly turn: Turn
  /** How protocols write properties. Each registers its own. */
  readonly mappings = new Mappings()

  /** Asks for the end of the process; null where nobody can do that. */
  askToStop: (() => void) | null = null

  // Who is there, and what holds for them.
  readonly namespaces: Namespaces
  /** Who may connect, and what they may. */
  readonly access: Users
  /** Who is connected. */
  readonly sessions: Sessions
  /** Whether there is memory and disk enough to publish. */
  readonly alarms: Alarms
  readonly policies: Policies
  readonly parameters: Parameters

  // Where messages are, and how they get there.
  readonly topics: Topics
  /** Bodies that are stored once for several logs. */
  readonly bodies: SharedBodies
  /** Collects what is published in a turn. */
  readonly packers: Packers
  readonly queues: Queues
  /** Queues, seen as lists. */
  readonly lists: Lists
  /** Messages of queues that are known by ids. */
  readonly jobs: Jobs
  /** Topics, seen as streams of entries with ids. */
  readonly entries: EntryStreams
  readonly exchanges: Exchanges
  /** The way in for messages. */
  readonly publisher: MessagePublisher
  /** Messages that are to be routed later. */
  readonly schedule: Schedule

  // Who writes batches of their own, and who reads with a cursor.
  readonly producers: Producers
  /** Writes batches of producers to logs. */
  readonly appender: Appender
  readonly groups: Groups
  /** Readers that wait for a log to get further. */
  readonly waiters: Waiters
  /** Readers of topics with a cursor, who are given messages as they come. */
  readonly streams: Streams
  /** Values in memory, by keys. */
  readonly keyspace: Keyspace
  /** Messages for those who are there to hear them. */
  readonly channels: Channels

  /** Each part is given those it stands on; what they owe each other besides is in `wire`. */
  private constructor(runtime: Runtime) {
    this.runtime = runtime
    this.turn = new Turn(runtime)
    const { turn, mappings } = this

    this.namespaces = new Namespaces(runtime)
    this.access = new Users(runtime, this.namespaces)
    this.sessions = new Sessions(this.access, this.namespaces)
    this.alarms = new Alarms(runtime, this.sessions)
    this.policies = new Policies(runtime, this.namespaces)
    this.parameters = new Parameters(runtime, this.namespaces, this.policies)
    const { namespaces, policies } = this

    this.topics = new Topics(runtime)
    this.bodies = new SharedBodies(runtime, this.topics)
    this.packers = new Packers(runtime, turn, this.bodies)
    const { topics, bodies, packers } = this
    this.queues = new Queues(runtime, { topics, turn, packers })
    const { queues } = this
    this.lists = new Lists(runtime, { queues, topics })
    this.jobs = new Jobs(runtime, { queues, lists: this.lists })
    const entryParts = { topics, queues, turn, packers, mappings, policies }
    this.entries = new EntryStreams(runtime, entryParts)
    this.exchanges = new Exchanges(runtime, { queues, topics, policies, namespaces })
    const { exchanges } = this
    const ports = { exchanges, queues, topics, packers, turn, mappings }
    this.publisher = new MessagePublisher(runtime, ports)
    this.schedule = new Schedule(runtime, { turn, packers })

    this.producers = new Producers(runtime)
    this.appender = new Appender(runtime, this.producers)
    this.groups = new Groups(runtime, topics)
    this.waiters = new Waiters(runtime)
    this.streams = new Streams(runtime, { topics, turn, bodies })
    this.keyspace = new Keyspace(runtime)
    const { publisher, streams } = this
    this.channels = new Channels({ topics, queues, policies, publisher, packers, streams, turn })
    wire(this)
  }

  /** Builds the parts, lets the store replay into them, then starts their timers. */
  static async open(
    runtime: Runtime,
    openStore: (machines: readonly StateMachine[]) => Promise<Store>,
  ): Promise<Broker> {
    const broker = new Broker(runtime)
    runtime.attach(await openStore(broker.#machines()))
    runtime.store.onClosing(() => broker.turn.slotCloses())
    for (const part of broker.#inOrderOfStart()) part.start()
    return broker
  }

  /** What the store replays into. */
  #machines(): readonly StateMachine[] {
    return [
      this.namespaces,
      this.access,
      this.policies,
      this.parameters,
      this.topics,
      this.bodies,
      this.queues,
      this.lists,
      this.jobs.state,
      this.entries,
      this.exchanges,
      this.schedule,
      this.producers,
      this.groups,
      this.keyspace,
    ]
  }

  #inOrderOfStart(): readonly { start(): void }[] {
    return [
      this.access,
      this.alarms,
      this.topics,
      this.bodies,
      this.exchanges,
      this.queues,
      this.lists,
      this.jobs,
      this.entries,
      this.schedule,
      this.producers,
      this.groups,
      this.waiters,
      this.streams,
      this.keyspace,
    ]
  }

  /** Ends waiting requests, then closes the store. */
  async close(): Promise<void> {
    this.schedule.stop()
    this.keyspace.stop()
    this.alarms.stop()
    this.waiters.stop()
    this.entries.stop()
    this.jobs.stop()
    this.lists.stop()
    this.queues.stop()
    this.groups.stop()
    this.producers.stop()
    this.bodies.stop()
    this.topics.stop()
    await this.runtime.store.close()
  }
}
