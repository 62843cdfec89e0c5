import { limits } from '../../limits/limits.ts'
import type { Timer } from '../../platform/platform.ts'
import { BrokerError } from '../errors.ts'
import {
  Agenda,
  change,
  comeBack,
  type QueueId,
  type Queues,
  type QueueState,
  queueSettingsDefault,
} from '../queue/index.ts'
import { JsonJournal } from '../json-journal.ts'
import type { StateMachine } from '../../log/store.ts'
import { type Loan, Loans } from './loans.ts'
import { publication, view } from './looking.ts'
import { fillFrom } from './republish.ts'
import type { Runtime } from '../runtime.ts'
import type { Topics } from '../topic/index.ts'
import { IdleLists } from './idle-lists.ts'
import { Element, type List } from './list.ts'
import { type ListHost, ListState } from './list-state.ts'

/** Something is in a list; `name` is the queue's. */
export type ReadyListener = (namespace: string, name: string) => void

/**
 * Something changed in a list. `isMore`: an element is there that was not ready before; else one
 * was taken. Must not change lists.
 */
export type ListListener = (namespace: string, name: string, isMore: boolean) => void

export type ListPorts = {
  readonly queues: Queues
  readonly topics: Topics
}

/** An element was put into a list, and is to come back after a time. */
type LentEvent = Loan & { readonly kind: 'lent'; readonly queue: QueueId }

const lentEvent = ({ queue }: ListState, loan: Loan): LentEvent => ({
  kind: 'lent',
  queue: queue.id,
  ...loan,
})

/** Where a list lies. */
type Place = { readonly namespace: string; readonly name: string }

const SWEEP_PERIOD_MS = 1000

/** Queues, seen as lists. A list without ready elements does not exist. */
export class Lists implements StateMachine, ListHost {
  readonly name = 'lists'
  readonly type = 'list'
  readonly agenda: Agenda
  readonly #runtime: Runtime
  readonly #queues: Queues
  readonly #topics: Topics
  readonly #idle: IdleLists
  readonly #ready: ReadyListener[] = []
  readonly #changed: ListListener[] = []
  readonly #element = new Element()
  readonly #journal: JsonJournal<LentEvent>
  /** Where something lies on loan, or is held. */
  readonly #lending = new Set<ListState>()
  readonly #holding = new Set<ListState>()
  /** Replayed, before queues have logs. */
  #lent: LentEvent[] = []
  #isLive = false
  #timer: Timer | null = null

  constructor(runtime: Runtime, ports: ListPorts) {
    this.#runtime = runtime
    this.#queues = ports.queues
    this.#topics = ports.topics
    this.#journal = new JsonJournal(runtime, this.name)
    this.agenda = new Agenda(() => runtime.clock.now(), runtime.timers)
    this.#idle = new IdleLists(limits.idleListsMax, list => this.#queues.delete(list.queue))
  }

  /** The store has replayed. */
  start(): void {
    this.#isLive = true
    for (const event of this.#lent) this.#addLoan(event)
    this.#lent = []
    for (const queue of this.#queues.all())
      if (queue.spec.isImplicit === true) this.emptied(this.#listOf(queue))
    this.#timer = this.#runtime.timers.every(SWEEP_PERIOD_MS, () => {
      if (this.#runtime.store.reliefRefusal === null) this.#idle.sweep()
    })
  }

  stop(): void {
    this.#timer?.cancel()
    this.agenda.stop()
  }

  evolve(bytes: Buffer): void {
    const event = this.#journal.read(bytes)
    if (this.#isLive) this.#addLoan(event)
    else this.#lent.push(event)
  }

  snapshot(): Buffer {
    const events: LentEvent[] = []
    for (const list of this.#lending) {
      if (list.queue.isDeleted || list.loans!.count === 0) this.#lending.delete(list)
      else for (const loan of list.loans!.all()) events.push(lentEvent(list, loan))
    }
    return this.#journal.snapshot(events)
  }

  restore(snapshot: Buffer): void {
    this.#lent = [...this.#journal.readSnapshot(snapshot)]
  }

  /**
   * The list of that name; undefined when there is nothing in it. Throws `access-refused` for the
   * exclusive queue of a connection.
   */
  find(namespace: string, name: string): List | undefined {
    const queue = this.#queues.find(namespace, name)
    if (queue === undefined || queue.isStream) return undefined
    const list = this.#listOf(queue)
    list.tidy()
    if (list.length === 0) return undefined
    demandShared(queue)
    queue.touch()
    return list
  }

  /**
   * The list of that name, though it may be empty: its queue is made when there is none. Throws
   * `wrong-type` for a topic or stream, `storage` when the disk takes nothing.
   */
  open(namespace: string, name: string): List {
    const queue = this.#queues.find(namespace, name) ?? this.#make(namespace, name)
    if (queue.isStream) throw wrongType(name)
    demandShared(queue)
    queue.touch()
    return this.#listOf(queue)
  }

  has(namespace: string, name: string): boolean {
    const queue = this.#queues.find(namespace, name)
    return queue !== undefined && !queue.isStream && this.#listOf(queue).length > 0
  }

  /** Of lists that are not empty. Lazily: the caller may stop. */
  *names(namespace: string): Generator<string> {
    for (const queue of this.#queues.inNamespace(namespace)) {
      if (queue.isStream || queue.spec.owner !== null) continue
      if (this.#listOf(queue).length > 0) yield queue.spec.name
    }
  }

  /**
   * Empties the list. Its queue goes some time later when only pushes had made it. What consumers
   * hold stays theirs. False: there was nothing.
   */
  delete(namespace: string, name: string): boolean {
    const list = this.find(namespace, name)
    if (list === undefined) return false
    list.trim(1, 0)
    return true
  }

  /** Somebody declared the queue. */
  isOthers(namespace: string, name: string): boolean {
    return this.#queues.find(namespace, name)?.spec.isImplicit !== true
  }

  /** What is in the one goes to the other, which is empty. A queue that was declared stays. */
  rename(from: Place, to: Place): void {
    const source = this.find(from.namespace, from.name)
    if (source === undefined) return
    const target = this.open(to.namespace, to.name)
    asState(source).moveTo(asState(target), this.#element)
  }

  copy(from: Place, to: Place): void {
    const source = this.find(from.namespace, from.name)
    if (source === undefined) return
    asState(source).copyTo(asState(this.open(to.namespace, to.name)))
  }

  /** Something else wants the name: a queue that only pushes had made goes if it is empty. */
  vacate(namespace: string, name: string): void {
    const queue = this.#queues.find(namespace, name)
    if (queue?.spec.isImplicit !== true) return
    const list = this.#listOf(queue)
    if (list.length === 0 && list.isUnused) this.#queues.delete(queue)
  }

  /**
   * There is something in a list that may have been empty: pushed, published by any protocol,
   * returned, or its time came. Called at the end of the turn: listeners may take it.
   */
  onReady(listener: ReadyListener): void {
    this.#ready.push(listener)
    this.#observe()
  }

  /**
   * Whatever changed a list: what lists did at once, for each change; what other protocols did at
   * the end of the turn, once for what was added and once for what was taken.
   */
  onChanged(listener: ListListener): void {
    this.#changed.push(listener)
    this.#observe()
  }

  /** Whether anybody holds anything by a visibility timeout. */
  get isAnythingHeld(): boolean {
    return this.#holding.size > 0
  }

  /**
   * Who popped from the list asks for more: with a visibility timeout, what it still holds of it
   * is done. To be called before each command that pops, whether there is something or not.
   */
  done(sessionId: number, namespace: string, name: string): void {
    if (this.#holding.size === 0) return
    const list = this.#queues.find(namespace, name)?.view
    if (list instanceof ListState) list.holds?.done(sessionId)
  }

  /** What it holds of any list comes back. */
  sessionClosed(sessionId: number): void {
    for (const list of this.#holding) {
      if (!list.queue.isDeleted) list.holds!.gone(sessionId)
      if (list.queue.isDeleted || list.holds!.count === 0) this.#holding.delete(list)
    }
  }

  emptied(list: ListState): void {
    this.#idle.add(list)
  }

  holds(list: ListState): void {
    this.#holding.add(list)
  }

  lend(list: ListState, loan: Loan): void {
    this.#journal.write(lentEvent(list, loan))
  }

  #addLoan({ queue: id, ...loan }: LentEvent): void {
    const queue = this.#queues.byId(id)
    if (queue === undefined || queue.lanes.all[loan.lane]?.isSettled(loan.offset) !== false) return
    const list = this.#listOf(queue)
    list.loans ??= new Loans(queue, {
      agenda: this.agenda,
      lend: again => this.lend(list, again),
      overdue: late => this.#overdue(list, late),
    })
    list.loans.add(loan)
    this.#lending.add(list)
  }

  /** It goes back to where it came from, as if it had been given back there. */
  #overdue(list: ListState, { lane: index, offset, source, counts }: Loan): 'over' | 'later' {
    const lane = list.queue.lanes.all[index]!
    if (lane.isSettled(offset)) return 'over'
    if (!lane.offsets.isReady(offset) || this.#runtime.store.refusal !== null) return 'later'
    try {
      const { queue } = asState(this.open(list.namespace, source))
      if (!lane.showNow(offset, view, false)) return 'over'
      fillFrom(publication, view)
      if (!comeBack(queue, { message: view, publication, counts })) return 'later'
      lane.takeOut(offset, view.bodyBytes)
      list.taken()
      return 'over'
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error
      const facts = { namespace: list.namespace, list: list.name, source, error }
      this.#runtime.logger.warn(facts, 'an element could not go back to where it came from')
      return 'over'
    }
  }

  changed(list: ListState, isMore: boolean): void {
    if (isMore) this.#queues.noteChange(list.queue, change.ready)
    this.#tellChanged(list.queue, isMore)
  }

  #observe(): void {
    this.#queues.observe((queue, changes) => {
      const { spec } = queue
      if (changes & change.more) this.#tellChanged(queue, true)
      if (changes & change.less) this.#tellChanged(queue, false)
      if (changes & (change.more | change.ready))
        for (const listener of this.#ready) listener(spec.namespace, spec.name)
    })
  }

  #tellChanged({ spec }: QueueState, isMore: boolean): void {
    for (const listener of this.#changed) listener(spec.namespace, spec.name, isMore)
  }

  #make(namespace: string, name: string): QueueState {
    if (this.#topics.find(namespace, name) !== undefined) throw wrongType(name)
    return this.#queues.declare(
      {
        namespace,
        name,
        isDurable: true,
        isAutoDelete: false,
        owner: null,
        user: '',
        declared: {},
        type: 'classic',
        source: null,
        isImplicit: true,
      },
      queueSettingsDefault,
    )
  }

  #listOf(queue: QueueState): ListState {
    if (queue.view instanceof ListState) return queue.view
    const list = new ListState(queue, this)
    queue.view = list
    return list
  }
}

function asState(list: List): ListState {
  return list as ListState
}

function demandShared({ spec }: QueueState): void {
  if (spec.owner === null) return
  throw new BrokerError('access-refused', `queue '${spec.name}' belongs to a connection`)
}

const wrongType = (name: string): BrokerError =>
  new BrokerError('wrong-type', `'${name}' is a topic, not a queue`)
