import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Offset } from '../../../lib/brand.ts'
import { encodeBatch } from '../../../log/batch/index.ts'
import type { Log } from '../../../log/store.ts'
import { StoredMessage } from '../../../message/stored-message.ts'
import { EventWriter } from './event-writer.ts'
import { LaneState } from './lane-state.ts'
import { LogLane } from './log-lane.ts'
import { ReadAhead } from './read-ahead.ts'

/** A log whose records hold their own offset; now and then it has to be read from the disk. */
class FakeLog {
  startOffset = 0 as Offset
  endOffset = 0 as Offset
  confirmedEnd = 0 as Offset
  isSlow = false
  readonly present = new Set<number>()
  #batches: { end: number; batch: Buffer }[] = []

  get sizeBytes(): number {
    return this.#batches.reduce((sum, { batch }) => sum + batch.length, 0)
  }

  /** Zeros are offsets without a record, as compaction leaves them. */
  append(shape: readonly (0 | 1)[]): void {
    const base = this.endOffset
    const records = shape.flatMap((is, offsetDelta) => (is === 0 ? [] : [{ offsetDelta }]))
    for (const { offsetDelta } of records) this.present.add(base + offsetDelta)
    const end = base + shape.length
    const full = records.map(({ offsetDelta }) => ({
      timestamp: 0,
      key: null,
      value: Buffer.from(`${base + offsetDelta}`),
      offsetDelta,
    }))
    const batch = encodeBatch(full, { baseOffset: base, lastOffsetDelta: shape.length - 1 })
    this.#batches.push({ end, batch })
    this.endOffset = end as Offset
  }

  read(from: Offset, bytesMax: number): readonly Buffer[] | Promise<readonly Buffer[]> {
    expect(from).toBeGreaterThanOrEqual(this.startOffset)
    expect(from).toBeLessThanOrEqual(this.confirmedEnd)
    const found: Buffer[] = []
    let bytes = 0
    for (const { end, batch } of this.#batches) {
      if (end <= from || end > this.confirmedEnd) continue
      bytes += batch.length
      if (found.length > 0 && bytes > bytesMax) break
      found.push(batch)
    }
    return this.isSlow ? Promise.resolve(found) : found
  }
}

type Exception = { kind: 'out' | 'back' | 'settled'; count: number; readyAt: number | null }

/** All offsets in one list. */
class NaiveLane {
  cursor = 0
  exceptions = new Map<number, Exception>()

  copy(): NaiveLane {
    const copy = new NaiveLane()
    copy.cursor = this.cursor
    for (const [offset, exception] of this.exceptions) copy.exceptions.set(offset, { ...exception })
    return copy
  }

  /** As it is after a crash: what was out is ready, and was handed out once more. */
  recovered(): NaiveLane {
    const copy = this.copy()
    for (const exception of copy.exceptions.values()) {
      if (exception.kind !== 'out') continue
      exception.kind = 'back'
      exception.count++
    }
    return copy
  }

  of(kind: Exception['kind']): number[] {
    const found = [...this.exceptions].filter(([, exception]) => exception.kind === kind)
    return found.map(([offset]) => offset).sort((a, b) => a - b)
  }

  ready(now: number): number[] {
    return this.of('back').filter(offset => (this.exceptions.get(offset)!.readyAt ?? 0) <= now)
  }

  next(log: FakeLog, now: number): { offset: number; count: number } | null {
    for (const offset of this.ready(now)) {
      if (log.present.has(offset) && offset >= log.startOffset)
        return { offset, count: this.exceptions.get(offset)!.count }
      this.settle(offset)
    }
    while (this.cursor < log.confirmedEnd) {
      if (log.present.has(this.cursor) && this.cursor >= log.startOffset)
        return { offset: this.cursor, count: 0 }
      this.settle(this.cursor)
    }
    return null
  }

  take(offset: number, count: number): void {
    this.exceptions.set(offset, { kind: 'out', count, readyAt: null })
    if (offset >= this.cursor) this.cursor = offset + 1
  }

  settle(offset: number): void {
    this.exceptions.set(offset, { kind: 'settled', count: 0, readyAt: null })
    if (offset >= this.cursor) this.cursor = offset + 1
  }

  seek(offset: number): void {
    this.exceptions.clear()
    for (let below = 0; below < offset; below++) this.settle(below)
    this.cursor = offset
  }
}

class World {
  readonly log = new FakeLog()
  readonly view = new StoredMessage()
  readonly writer = new EventWriter()
  naive = new NaiveLane()
  durable = new NaiveLane()
  state = new LaneState(0 as Offset)
  lane: LogLane
  now = 1000
  /** The lane has passed over some offsets already, and the model over none. */
  isLoading = false
  #events: Buffer[] = []
  #snapshot: Buffer | null = null
  #changed = 0
  #loaded: (() => void)[] = []

  constructor() {
    this.lane = this.#open()
  }

  async next(): Promise<boolean> {
    for (;;) {
      const loaded = new Promise<void>(resolve => this.#loaded.push(resolve))
      const answer = this.lane.next(this.view)
      if (answer !== 'loading') return answer === 'message'
      await loaded
    }
  }

  /** The lane's event and the model's become durable. */
  journal(): void {
    if (this.isLoading) return
    expect(this.#changed).toBe(this.lane.hasChanges ? 1 : 0)
    if (this.lane.hasChanges) {
      this.writer.reset()
      this.writer.int(4711)
      const start = this.writer.sizeBytes
      this.lane.writeEvent(this.writer)
      const event = Buffer.from(this.writer.bytes())
      expect(this.state.evolve(event, start)).toBe(event.length)
      this.#events.push(event.subarray(start))
    }
    this.#changed = 0
    this.durable = this.naive.copy()
    expect(this.lane.releasable).toBe(Math.min(this.lane.floor, this.log.confirmedEnd))
  }

  checkpoint(): void {
    this.writer.reset()
    this.state.writeSnapshot(this.writer)
    this.#snapshot = Buffer.from(this.writer.bytes())
    this.#events = []
  }

  crash(): void {
    this.isLoading = false
    this.state = new LaneState(0 as Offset)
    if (this.#snapshot !== null) this.state.evolve(this.#snapshot, 0)
    for (const event of this.#events) this.state.evolve(event, 0)
    this.#changed = 0
    this.naive = this.durable.recovered()
    this.lane = this.#open()
    this.lane.advanceTime(this.now)
  }

  check(): void {
    if (this.isLoading) return
    const { lane, naive, log } = this
    expect(lane.cursor).toBe(naive.cursor)
    let floor = 0
    while (naive.exceptions.get(floor)?.kind === 'settled') floor++
    expect(lane.floor).toBe(floor)
    expect(lane.unsettledCount).toBe(naive.of('out').length)
    const ahead = Math.max(0, log.confirmedEnd - naive.cursor)
    expect(lane.readyCount).toBe(naive.ready(this.now).length + ahead)
    expect(lane.waitingCount).toBe(naive.of('back').length - naive.ready(this.now).length)
  }

  #open(): LogLane {
    return new LogLane({
      index: 0,
      log: this.log as unknown as Log,
      state: this.state,
      readAhead: new ReadAhead(500),
      onChanged: () => this.#changed++,
      onLoaded: () => {
        for (const resolve of this.#loaded.splice(0)) resolve()
      },
      onFailed: (_lane, error) => {
        throw error
      },
    })
  }
}

type Command = (world: World) => Promise<void> | void
const named = (name: string, run: Command) => Object.assign(run, { toString: () => name })
const pick = (offsets: readonly number[], choice: number) =>
  offsets.length === 0 ? undefined : offsets[choice % offsets.length]

const bit = fc.constantFrom<0 | 1>(1, 1, 1, 1, 0)
const commands: fc.Arbitrary<Command>[] = [
  fc.array(bit, { minLength: 1, maxLength: 12 }).map(shape =>
    named(`append ${shape.join('')}`, ({ log }) => {
      log.append(shape)
      log.confirmedEnd = log.endOffset
    }),
  ),
  fc
    .array(bit, { minLength: 1, maxLength: 4 })
    .map(shape => named(`append unconfirmed ${shape.join('')}`, ({ log }) => log.append(shape))),
  fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 6 })).map(([isSettled, times]) =>
    named(`take ${times} ${isSettled ? 'settled' : ''}`, async world => {
      for (let left = times; left > 0; left--) {
        const expected = world.naive.next(world.log, world.now)
        expect(await world.next()).toBe(expected !== null)
        world.isLoading = false
        if (expected === null) return
        const { view, lane } = world
        expect({ offset: view.offset, count: lane.nextCount }).toEqual(expected)
        expect(view.body.toString('utf8', view.bodyStart, view.bodyEnd)).toBe(`${view.offset}`)
        if (isSettled) {
          lane.takeSettled()
          world.naive.settle(expected.offset)
        } else {
          lane.take()
          world.naive.take(expected.offset, expected.count)
          expect(lane.countOf(view.offset)).toBe(expected.count)
        }
      }
    }),
  ),
  fc.nat().map(choice =>
    named(`settle ${choice}`, ({ naive, lane }) => {
      const offset = pick(naive.of('out'), choice)
      if (offset === undefined) return
      lane.settle(offset as Offset)
      naive.settle(offset)
    }),
  ),
  fc.tuple(fc.nat(), fc.nat(5)).map(([choice, more]) =>
    named(`settle range ${choice} ${more}`, ({ naive, lane }) => {
      const first = pick(naive.of('out'), choice)
      if (first === undefined) return
      let last = first
      for (let left = more; left > 0; left--)
        if (naive.exceptions.get(last + 1)?.kind === 'out') last++
      lane.settleRange(first as Offset, last as Offset)
      for (let offset = first; offset <= last; offset++) naive.settle(offset)
    }),
  ),
  fc.tuple(fc.nat(), fc.nat(3), fc.option(fc.nat(50))).map(([choice, count, delay]) =>
    named(`give back ${choice} ${count} ${delay}`, ({ naive, lane, now }) => {
      const offset = pick(naive.of('out'), choice)
      if (offset === undefined) return
      const readyAt = delay === null ? null : now + 1 + delay
      lane.giveBack(offset as Offset, count, readyAt)
      naive.exceptions.set(offset, { kind: 'back', count, readyAt })
    }),
  ),
  fc.nat().map(choice =>
    named(`recall ${choice}`, ({ lane, naive, now }) => {
      const ready = naive.ready(now)
      const waiting = naive.of('back').filter(offset => !ready.includes(offset))
      const offset = pick(waiting, choice)
      if (offset === undefined) return
      expect(lane.offsets.recall(offset)).toBe(true)
      const { count } = naive.exceptions.get(offset)!
      naive.exceptions.set(offset, { kind: 'out', count, readyAt: null })
    }),
  ),
  fc.nat(40).map(ms =>
    named(`wait ${ms}`, world => {
      world.now += ms
      world.lane.advanceTime(world.now)
    }),
  ),
  fc.constant(
    named('purge', ({ naive, lane, log, now, isLoading }) => {
      if (isLoading) return
      const ready = naive.ready(now)
      expect(lane.purge()).toBe(ready.length + Math.max(0, log.endOffset - naive.cursor))
      for (const offset of ready) naive.settle(offset)
      while (naive.cursor < log.endOffset) naive.settle(naive.cursor)
    }),
  ),
  fc.nat().map(choice =>
    named(`seek ${choice}`, ({ naive, lane, log }) => {
      const offset = choice % (log.endOffset + 1)
      lane.seek(offset as Offset)
      naive.seek(Math.max(log.startOffset, Math.min(offset, log.confirmedEnd)))
    }),
  ),
  fc.nat().map(choice =>
    named(`settle again ${choice}`, ({ naive, lane }) => {
      const offset = pick([...naive.of('settled'), ...naive.of('back')], choice)
      if (offset !== undefined) lane.settle(offset as Offset)
    }),
  ),
  fc.nat().map(choice =>
    named(`read ${choice}`, async ({ naive, lane, log }) => {
      const offset = pick(naive.of('out'), choice)
      if (offset === undefined) return
      const view = new StoredMessage()
      expect(await lane.read(offset as Offset, view)).toBe(offset >= log.startOffset)
      if (offset >= log.startOffset) expect(view.offset).toBe(offset)
    }),
  ),
  fc.nat(3).map(more =>
    named(`retention ${more}`, ({ log }) => {
      log.startOffset = Math.min(log.startOffset + more, log.confirmedEnd) as Offset
    }),
  ),
  fc.boolean().map(isSlow =>
    named(`slow ${isSlow}`, ({ log }) => {
      log.isSlow = isSlow
    }),
  ),
  fc.constant(
    named('look ahead', world => {
      const answer = world.lane.next(world.view)
      world.isLoading = answer === 'loading'
      if (world.isLoading) return expect(world.log.isSlow).toBe(true)
      const expected = world.naive.next(world.log, world.now)
      expect(answer).toBe(expected === null ? 'empty' : 'message')
      if (answer === 'message') expect(world.view.offset).toBe(expected!.offset)
    }),
  ),
  fc.constant(named('journal', world => world.journal())),
  fc.constant(named('journal', world => world.journal())),
  fc.constant(
    named('checkpoint', world => {
      world.checkpoint()
    }),
  ),
  fc.constant(named('crash', world => world.crash())),
]

test('a lane does what a plain list of offsets does, crashes included', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(...commands), { maxLength: 120, size: 'max' }),
      async run => {
        const world = new World()
        for (const command of run) {
          await command(world)
          world.check()
        }
      },
    ),
    { numRuns: 400 },
  )
})

test('what waits and is recalled again and again is forgotten', () => {
  const { lane, log } = new World()
  log.append([1])
  log.confirmedEnd = log.endOffset
  lane.takeAway(0, 1)
  for (let readyAt = 1; readyAt <= 1000; readyAt++) {
    lane.giveBack(0 as Offset, 1, readyAt)
    expect(lane.offsets.recall(0)).toBe(true)
  }
  lane.giveBack(0 as Offset, 1, 2000)
  expect(lane.waitingCount).toBe(1)
  expect(lane.readyAtNext).toBeGreaterThan(900)
})
