import type { StoredMessage } from '../../message/stored-message.ts'
import { messageKey } from './consumers/held.ts'
import type { Place } from './consumers/roster.ts'
import { DeliveryView } from './consumers/delivery-view.ts'
import { Deathbed } from './fate/deathbed.ts'
import { isTooMuch } from './fate/overflow.ts'
import type { LogLane } from './lane/index.ts'
import { change, type QueueHost } from './queue-host.ts'
import type { QueueState } from './queue-state.ts'
import type { DeathReason } from '../../message/annotations.ts'

/** A queue hands out so many messages, then the others have their turn. */
const MESSAGES_PER_QUEUE = 1024

/** Who gets which message of a queue, and which nobody gets. */
export class Dispatch {
  readonly #host: QueueHost
  readonly #delivery = new DeliveryView()
  readonly #view = this.#delivery.message
  #left = 0
  /** The time of this run; -1 until somebody asks: few queues need to know. */
  #asked = -1
  #isRunning = false

  constructor(host: QueueHost) {
    this.#host = host
  }

  /** It calls consumers: what they ask for meanwhile has to wait. */
  get isRunning(): boolean {
    return this.#isRunning
  }

  /** Does what there is to do now, and says how many messages that were. */
  run(queue: QueueState): number {
    this.#begin()
    try {
      this.#servePulls(queue)
      this.#serveConsumers(queue)
      if (queue.isDropping) this.#dropOverflow(queue)
      if (queue.mayExpire) this.#expireHeads(queue)
    } finally {
      this.#isRunning = false
    }
    if (this.#left <= 0) this.#host.markDirty(queue)
    return MESSAGES_PER_QUEUE - this.#left
  }

  servePulls(queue: QueueState): void {
    this.#begin()
    try {
      this.#servePulls(queue)
    } finally {
      this.#isRunning = false
    }
  }

  #begin(): void {
    this.#isRunning = true
    this.#left = MESSAGES_PER_QUEUE
    this.#asked = -1
  }

  get #now(): number {
    if (this.#asked < 0) this.#asked = this.#host.now()
    return this.#asked
  }

  #serveConsumers(queue: QueueState): void {
    const { lanes, roster } = queue
    if (roster === null) return
    const view = this.#view
    while (this.#left > 0 && !queue.isDeleted) {
      const place = roster.next()
      if (place === null) {
        queue.wasDrained = false
        return
      }
      const answer = lanes.next(view)
      if (answer !== 'message') {
        queue.wasDrained = answer === 'empty'
        return
      }
      const lane = lanes.found!
      this.#left--
      if (this.#isExpired(queue) && !(queue.wasDrained && lane.nextCount === 0))
        this.#dieFirst(queue, lane, 'expired')
      else {
        roster.served()
        if (queue.groups === null) this.#handOut(queue, lane, place)
        else if (!this.#handOutGrouped(queue, lane, place)) return
      }
    }
  }

  #servePulls(queue: QueueState): void {
    const { pulls, lanes } = queue
    // A pull finds what is left of a queue that was too long.
    if (queue.isDropping && pulls?.first !== undefined) this.#dropOverflow(queue)
    while (pulls !== null && pulls.first !== undefined && this.#left > 0) {
      const { taker, ends } = pulls.first
      const answer = lanes.next(this.#view)
      if (answer === 'loading') return
      if (answer === 'empty') {
        if (this.#isArriving(queue, ends)) return
        pulls.shift()
        taker.empty()
        continue
      }
      this.#left--
      const lane = lanes.found!
      if (this.#isExpired(queue)) this.#dieFirst(queue, lane, 'expired')
      else if (!this.#isParked(queue, lane)) {
        pulls.shift()
        this.#take(queue, lane, taker.isAutoAccepted)
        if (queue.groups !== null) this.#noteGroup(queue, null, taker.isAutoAccepted)
        taker.deliver(this.#delivery)
      }
    }
  }

  /** Something that was there when `ends` were noted can not be read yet. */
  #isArriving({ lanes }: QueueState, ends: readonly number[]): boolean {
    return ends.some((end, index) => {
      const { log, cursor } = lanes.all[index]!
      const last = log.endOffset + this.#host.packers.waitingCount(log.id)
      return Math.max(log.confirmedEnd, cursor) < Math.min(end, last)
    })
  }

  #handOut(queue: QueueState, lane: LogLane, place: Place): void {
    const { isAutoAccepted } = place.options
    this.#take(queue, lane, isAutoAccepted)
    if (queue.held !== null && !isAutoAccepted) this.#noteHeld(queue, place)
    if (queue.groups !== null) this.#noteGroup(queue, place, isAutoAccepted)
    place.consumer.deliver(this.#delivery)
  }

  /** False when nothing more can be handed out now. */
  #handOutGrouped(queue: QueueState, lane: LogLane, place: Place): boolean {
    const groups = queue.groups!
    const key = groupKey(this.#view)
    const choice = key === null ? 'anybody' : groups.placeFor(key, lane, this.#view.offset)
    if (choice === 'nobody') {
      // Those that are parked wait for what may be handed out, never the other way round.
      if (groups.isFull) return false
      this.#park(queue, lane, key!)
    } else this.#handOut(queue, lane, choice === 'anybody' ? place : choice)
    return true
  }

  /** Whether what was found is for somebody else; then it is out of the way. */
  #isParked(queue: QueueState, lane: LogLane): boolean {
    const key = queue.groups === null ? null : groupKey(this.#view)
    if (key === null || queue.groups!.placeFor(key, lane, this.#view.offset) === 'anybody')
      return false
    this.#park(queue, lane, key)
    return true
  }

  #park(queue: QueueState, lane: LogLane, key: string): void {
    const { offset } = this.#view
    const counts = lane.nextCount
    lane.take()
    queue.groups!.park(key, { lane, offset, counts })
  }

  #take(queue: QueueState, lane: LogLane, isAutoAccepted: boolean): void {
    const delivery = this.#delivery
    const counts = lane.nextCount
    delivery.queue = queue
    delivery.lane = lane.index
    delivery.offset = this.#view.offset
    delivery.counts = counts
    if ((queue.changes & change.less) === 0) this.#host.noteChange(queue, change.less)
    const { counters } = queue
    counters.delivered++
    if (counts > 0) counters.redelivered++
    if (isAutoAccepted) {
      counters.autoAccepted++
      lane.takeSettled()
      this.#host.noteSettled(queue)
    } else lane.take()
  }

  #noteHeld(queue: QueueState, place: Place): void {
    const { lane, offset } = this.#delivery
    const held = queue.held!
    const timeoutMs = queue.settings.consumerTimeoutMs
    if (held.isEmpty && timeoutMs !== null) this.#host.agenda.add(queue, this.#now + timeoutMs)
    held.handedOut(messageKey(lane, offset), place, this.#now)
  }

  /** `place` is null for those who pull. */
  #noteGroup(queue: QueueState, place: Place | null, isAutoAccepted: boolean): void {
    const key = groupKey(this.#view)
    if (key === null) return
    const { lane, offset } = this.#delivery
    if (isAutoAccepted) queue.groups!.passed(key, lane, offset)
    else queue.groups!.handedOut(key, queue.lanes.all[lane]!, offset, place)
  }

  /** When what was found expires, or null. */
  #expiresAt({ settings: { messageTtlMs } }: QueueState): number | null {
    const { ttlMs, timestamp } = this.#view
    if (timestamp < 0) return null // A Kafka producer may say no time at all.
    if (messageTtlMs === null) return ttlMs < 0 ? null : timestamp + ttlMs
    return timestamp + (ttlMs < 0 ? messageTtlMs : Math.min(ttlMs, messageTtlMs))
  }

  #isExpired(queue: QueueState): boolean {
    if (this.#view.ttlMs < 0 && queue.settings.messageTtlMs === null) return false
    const expiresAt = this.#expiresAt(queue)
    return expiresAt !== null && expiresAt <= this.#now
  }

  /** Lets the first messages go whose time is over; the next comes up when its time has come. */
  #expireHeads(queue: QueueState): void {
    let isEmpty = true
    for (const lane of queue.lanes.all) {
      for (;;) {
        if (this.#left <= 0 || queue.isDeleted) return
        const answer = lane.next(this.#view)
        if (answer !== 'empty') isEmpty = false
        if (answer !== 'message') break
        const expiresAt = this.#expiresAt(queue)
        if (expiresAt === null || expiresAt > this.#now) {
          if (expiresAt !== null) this.#host.agenda.add(queue, expiresAt)
          break
        }
        this.#left--
        this.#dieFirst(queue, lane, 'expired')
      }
    }
    // Who publishes to another queue on the topic does not tell this one each time.
    if (isEmpty && queue.ownsTopic && queue.settings.messageTtlMs === null)
      queue.mayExpire = queue.hasAbsent
  }

  #dropOverflow(queue: QueueState): void {
    const isByBytes = queue.settings.lengthBytesMax !== null
    while (this.#left > 0 && !queue.isDeleted) {
      if (!isTooMuch(queue, queue.readyNow, isByBytes ? queue.readyBytes : 0)) return
      if (queue.lanes.next(this.#view) !== 'message') return
      this.#left--
      this.#dieFirst(queue, queue.lanes.found!, 'maxlen')
    }
  }

  /** What was found in the lane goes where dead letters go, or nowhere. */
  #dieFirst(queue: QueueState, lane: LogLane, reason: DeathReason): void {
    const { deadLetters } = this.#host
    const { offset } = this.#view
    queue.counters.died++
    const key = queue.groups === null ? null : groupKey(this.#view)
    const isWanted = deadLetters !== null && queue.settings.deadLetterExchange !== null
    if (isWanted) {
      const isSent = deadLetters.send(queue, this.#view, reason)
      lane.take()
      queue.deathbed ??= new Deathbed(this.#host, queue)
      if (isSent) queue.deathbed.sent({ lane, offset, reason })
      else queue.deathbed.postpone({ lane, offset, reason })
    } else {
      lane.takeSettled()
      this.#host.noteSettled(queue)
    }
    this.#host.noteChange(queue, change.less)
    // Not before: what is given back may change what is first.
    if (key !== null) queue.groups!.passed(key, lane.index, offset)
  }
}

/** Two keys are one group when their bytes are the same. */
function groupKey(view: StoredMessage): string | null {
  return view.keyEnd < 0 ? null : view.bytes.toString('latin1', view.keyStart, view.keyEnd)
}
