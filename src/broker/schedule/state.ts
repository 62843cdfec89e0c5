import { assert, unreachable } from '../../lib/assert.ts'
import { Offset } from '../../lib/brand.ts'
import type { LogId } from '../../log/store.ts'
import { OffsetSet } from '../queue/lane/index.ts'
import type { Counts, ScheduleEvent } from './events.ts'

/** Messages that are due in one stretch of time, in one log. */
export class Bucket {
  readonly id: number
  readonly widthMs: number
  /** Milliseconds since 1970, a multiple of the width. */
  readonly start: number
  /** Null once everything was moved to narrower ones. */
  log: LogId | null
  isSplit = false
  /** What was published, or moved, already. */
  readonly done = new OffsetSet(Offset(0))

  constructor(parts: { id: number; widthMs: number; start: number; log: LogId }) {
    this.id = parts.id
    this.widthMs = parts.widthMs
    this.start = parts.start
    this.log = parts.log
  }

  get end(): number {
    return this.start + this.widthMs
  }
}

export type WaitingExchange = {
  readonly id: number
  readonly namespace: string
  readonly name: string
  /** Messages that wait for it. */
  count: number
}

/** What is durable of the schedule. It decides nothing. */
export class ScheduleState {
  readonly buckets = new Map<number, Bucket>()
  readonly exchanges = new Map<number, WaitingExchange>()
  /** By width, then by start. */
  readonly #byPlace = new Map<number, Map<number, Bucket>>()
  readonly #byName = new Map<string, WaitingExchange>()
  bucketLast = 0
  exchangeLast = 0

  bucketAt(widthMs: number, start: number): Bucket | undefined {
    return this.#byPlace.get(widthMs)?.get(start)
  }

  exchangeOf(namespace: string, name: string): WaitingExchange | undefined {
    return this.#byName.get(nameKey(namespace, name))
  }

  evolve(event: ScheduleEvent): void {
    switch (event.kind) {
      case 'exchange': {
        const exchange = { id: event.id, namespace: event.namespace, name: event.name, count: 0 }
        this.exchanges.set(event.id, exchange)
        this.#byName.set(nameKey(event.namespace, event.name), exchange)
        this.exchangeLast = Math.max(this.exchangeLast, event.id)
        break
      }
      case 'cancelled': {
        const exchange = this.exchanges.get(event.id)
        assert(exchange !== undefined, 'exchanges are cancelled once')
        this.exchanges.delete(event.id)
        this.#byName.delete(nameKey(exchange.namespace, exchange.name))
        break
      }
      case 'made':
        this.#add(new Bucket({ ...event, id: event.bucket }))
        break
      case 'split':
        this.existing(event.bucket).isSplit = true
        break
      case 'moved':
        this.existing(event.bucket).done.add(0, event.before - 1)
        break
      case 'drained':
        this.existing(event.bucket).log = null
        break
      case 'dropped':
        this.#remove(this.existing(event.bucket))
        break
      case 'added':
        this.#count(event.counts, 1)
        break
      case 'fired':
        addRanges(this.existing(event.bucket).done, event.ranges)
        this.#count(event.counts, -1)
        break
      default:
        unreachable(event)
    }
  }

  /** The events that would make all this anew. */
  *events(): Generator<ScheduleEvent> {
    // Numbers that were used are not used again, though what bore them is gone.
    if (this.exchangeLast > 0 && !this.exchanges.has(this.exchangeLast)) {
      yield { kind: 'exchange', id: this.exchangeLast, namespace: '', name: '' }
      yield { kind: 'cancelled', id: this.exchangeLast }
    }
    for (const { id, namespace, name, count } of this.exchanges.values()) {
      yield { kind: 'exchange', id, namespace, name }
      if (count > 0) yield { kind: 'added', counts: [[id, count]] }
    }
    for (const bucket of this.buckets.values()) yield* eventsOf(bucket)
  }

  existing(id: number): Bucket {
    const bucket = this.buckets.get(id)
    assert(bucket !== undefined, 'events are about buckets that are there')
    return bucket
  }

  #add(bucket: Bucket): void {
    this.buckets.set(bucket.id, bucket)
    const ofWidth = this.#byPlace.get(bucket.widthMs)
    if (ofWidth === undefined) this.#byPlace.set(bucket.widthMs, new Map([[bucket.start, bucket]]))
    else ofWidth.set(bucket.start, bucket)
    this.bucketLast = Math.max(this.bucketLast, bucket.id)
  }

  #remove(bucket: Bucket): void {
    this.buckets.delete(bucket.id)
    this.#byPlace.get(bucket.widthMs)?.delete(bucket.start)
  }

  #count(counts: Counts, sign: 1 | -1): void {
    for (const [id, count] of counts) {
      const exchange = this.exchanges.get(id)
      if (exchange !== undefined) exchange.count += sign * count
    }
  }
}

function* eventsOf({ id, widthMs, start, log, isSplit, done }: Bucket): Generator<ScheduleEvent> {
  yield { kind: 'made', bucket: id, widthMs, start, log: log ?? (0 as LogId) }
  if (isSplit) yield { kind: 'split', bucket: id }
  if (log === null) yield { kind: 'drained', bucket: id }
  if (done.floor > 0) yield { kind: 'moved', bucket: id, before: done.floor }
  if (done.aheadCount === 0) return
  const ranges: number[] = []
  let end = 0
  done.eachRange((first, last) => {
    ranges.push(first - end, last - first + 1)
    end = last + 1
  })
  yield { kind: 'fired', bucket: id, ranges, counts: [] }
}

function addRanges(done: OffsetSet, ranges: readonly number[]): void {
  let at = 0
  for (let index = 0; index < ranges.length; index += 2) {
    const first = at + ranges[index]!
    at = first + ranges[index + 1]!
    done.add(first, at - 1)
  }
}

const nameKey = (namespace: string, name: string): string => `${namespace}\0${name}`
