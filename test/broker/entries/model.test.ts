import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Broker } from '../../../src/broker/broker.ts'
import {
  compareIds,
  type EntryId,
  type EntryStream,
  type EntryView,
  idMax,
  idMin,
  type References,
} from '../../../src/broker/entries/index.ts'
import { Runtime } from '../../../src/broker/runtime.ts'
import { brokerSettingsDefault } from '../../../src/broker/settings.ts'
import { silentLogger as logger } from '../../../src/lib/logger.ts'
import { encodeBatch } from '../../../src/log/batch/index.ts'
import { openFileStore } from '../../../src/log/index.ts'
import { origins } from '../../../src/message/origin.ts'
import { Publication } from '../../../src/message/publication.ts'
import { seededRandom } from '../../../src/platform/index.ts'
import { SimulatedDisk } from '../../simulation/disk.ts'
import { SimulatedTime, simulatedPlatform } from '../../simulation/world.ts'
import { hand, type ModelGroup, ModelStream, pendingOf, settle } from './model.ts'

const NAME = 's'
const consumers = ['anna', 'bert']
const groups = ['g', 'h']

/** A broker on a disk whose power fails, with so small a memory that much is read from the disk. */
class World {
  readonly time = new SimulatedTime()
  readonly #disk = new SimulatedDisk(this.time, seededRandom(1))
  #hasPublished = false
  broker!: Broker
  now = 1000

  async open(): Promise<void> {
    const platform = simulatedPlatform(this.time, this.#disk, 1)
    const clock = { ...platform.clock, now: () => this.now as never }
    const runtime = new Runtime({ ...platform, clock, settings: brokerSettingsDefault, logger })
    const files = { folder: '/data', chainFileBytes: 1 << 18, tailBytesMax: 1 << 12 }
    const opened = Broker.open(runtime, machines =>
      openFileStore({ platform, logger, machines, ...files }),
    )
    this.broker = await this.time.finish(opened)
  }

  get stream(): EntryStream {
    return this.broker.entries.open('/', NAME)
  }

  confirmed(): Promise<void> {
    this.broker.turn.flush()
    const { store } = this.broker.runtime
    return this.time.finish(new Promise(resolve => store.whenConfirmed('sync', () => resolve())))
  }

  async restart(isCrash: boolean): Promise<void> {
    await this.confirmed()
    if (isCrash) {
      this.#disk.cutPower()
      this.time.forgetAll()
    } else await this.time.finish(this.broker.close())
    await this.open()
  }

  /** Messages published before have no order with it, unless they are appended: here they are. */
  produce(count: number, millis: number): void {
    if (this.#hasPublished) this.broker.turn.flush()
    this.#hasPublished = false
    const { appender, topics } = this.broker
    const records = texts(count).map(text => ({
      timestamp: millis,
      key: null,
      value: Buffer.from(text),
    }))
    const { flaw } = appender.append(topics.find('/', NAME)!.partitions[0]!, encodeBatch(records))
    if (flaw !== null) throw new Error(flaw.message)
  }

  publish(text: string): void {
    this.#hasPublished = true
    const { publisher } = this.broker
    const publication = new Publication()
    publication.addressTo('', NAME)
    publication.origin = origins.redis
    publication.isPersistent = true
    publication.body = Buffer.from(text)
    publication.bodyEnd = publication.body.length
    publisher.publish(publisher.route('/', '', NAME), publication)
  }
}

const texts = (count: number): string[] => Array.from({ length: count }, (_, index) => `o${index}`)
const text = (id: EntryId): string => `${id.ms}-${id.seq}`

/** The one field's value, or what somebody else sent. */
function valueOf(entry: EntryView): string {
  return entry.bytes(1).toString('latin1', entry.start(1), entry.end(1))
}

function listed(stream: EntryStream, isReversed: boolean, from = idMin, to = idMax, count = 0) {
  const found: string[] = []
  stream.show(stream.range(from, to, count, isReversed), entry =>
    found.push(`${text(entry)} ${valueOf(entry)}`),
  )
  return found
}

type Step = (world: World, model: ModelStream) => void | Promise<void>

/** Failures show what a step is, not its code. */
function named(name: string, step: Step): Step {
  return Object.assign(step, { toString: () => name, [fc.toStringMethod]: () => name })
}

const pick = fc.nat({ max: 1000 })
/** An id that is there, was there, or never was. */
function idFrom(model: ModelStream, number: number): EntryId {
  const { entries } = model
  if (entries.length === 0 || number % 7 === 0) return { ms: number, seq: number % 3 }
  return entries[number % entries.length]!.id
}
const referencesOf = (number: number): References =>
  (['keep', 'keep', 'delete', 'acked'] as const)[number % 4]!

function groupOf(
  world: World,
  model: ModelStream,
  number: number,
): [string, ModelGroup] | undefined {
  const name = groups[number % groups.length]!
  const group = model.groups.get(name)
  void world
  return group === undefined ? undefined : [name, group]
}

const add = fc.tuple(pick, fc.integer({ min: 1, max: 300 })).map(([number, count]): Step => {
  return named(`add ${number} ${count}`, (world, model) => {
    const { stream } = world
    const times = number % 5 === 0 ? count : 1
    for (let time = 0; time < times; time++) {
      const value = `v${number}`
      const bytes = Buffer.from(`f${value}`)
      const words = { bytes, starts: [0, 1], ends: [1, bytes.length] }
      const { ms, seq } = model.lastId
      const wanted =
        number % 3 === 0
          ? { ms: Number(ms) + (number % 2), seq: Number(seq) + 1 + (number % 4) }
          : number % 3 === 1
            ? { ms: Number(ms) + (number % 2), seq: null }
            : null
      const isNew = world.now > ms
      const seqNext = Number(seq) + 1
      const id =
        wanted === null
          ? { ms: isNew ? world.now : ms, seq: isNew ? 0 : seqNext }
          : { ms: wanted.ms, seq: wanted.seq ?? (wanted.ms === ms ? seqNext : 0) }
      expect(stream.add(words, 0, 2, wanted)).toBe('added')
      model.add(id, value)
      expect(stream.lastId).toEqual(id)
    }
  })
})

const others = fc.tuple(pick, fc.integer({ min: 1, max: 300 })).map(([number, count]): Step => {
  return named(`others ${number} ${count}`, (world, model) => {
    void world.stream
    if (number % 2 === 0) {
      const millis = world.now - 100 + (number % 200)
      const many = number % 5 === 0 ? count : 2
      world.produce(many, millis)
      model.addOthers(texts(many), millis)
      return
    }
    for (let time = 0; time < number % 4; time++) world.publish(`p${number}`)
    const many = Array.from({ length: number % 4 }, () => `p${number}`)
    if (many.length > 0) model.addOthers(many, world.now)
  })
})

const changes = fc.tuple(fc.nat({ max: 5 }), pick, pick).map(([what, one, two]): Step => {
  return named(`change ${what} ${one} ${two}`, (world, model) => {
    const { stream } = world
    const references = referencesOf(two)
    const ids = [idFrom(model, one), idFrom(model, two), idFrom(model, one + two)]
    if (what < 2) {
      expect(stream.remove(ids, references)).toEqual(model.remove(ids, references))
      return
    }
    if (what < 4) {
      const keep = what === 2 ? { count: one % (model.live.length + 2) } : { from: ids[0]! }
      const trim = { keep, isApproximate: false, countMax: 0, references }
      expect(stream.trim(trim)).toBe(model.trim(keep, references))
      return
    }
    if (what === 4) {
      const id = { ms: Number(model.lastId.ms) + (one % 50), seq: Number(model.lastId.seq) + 1 }
      if (compareIds(id, model.maxDeleted) < 0) return
      stream.setLast(id, null, null)
      model.lastId = id
      return
    }
    const name = groups[one % groups.length]!
    const known = model.groups.get(name)
    if (known !== undefined && two % 5 === 0) {
      stream.destroyGroup(stream.groups.get(name)!)
      model.groups.delete(name)
      return
    }
    const lastId = two % 2 === 0 ? idMin : ids[0]!
    expect(stream.createGroup(name, lastId, null)).toBe(known === undefined)
    if (known === undefined)
      model.groups.set(name, {
        lastId,
        entriesRead: null,
        consumers: new Set(),
        pending: [],
        byTime: [],
      })
  })
})

const reading = fc.tuple(fc.nat({ max: 7 }), pick, pick).map(([what, one, two]): Step => {
  return named(`read ${what} ${one} ${two}`, (world, model) => {
    const found = groupOf(world, model, one)
    if (found === undefined) return
    const { stream, now } = world
    const [name, group] = found
    const real = stream.groups.get(name)!
    const consumer = consumers[two % consumers.length]!
    const ids = [idFrom(model, one), idFrom(model, two), idFrom(model, one + two)]
    const held = group.pending[one % (group.pending.length + 1)]
    if (held !== undefined) ids.push(held.id)
    const isThere = (id: EntryId): boolean => model.entry(id) !== undefined
    const meet = (): void => void group.consumers.add(consumer)
    switch (what) {
      case 0:
      case 1: {
        const wanted = { countMax: one % 20, isNoAck: two % 5 === 0, claimIdleMs: null, now }
        const { fresh } = stream.read(real, consumer, wanted)
        const seen: string[] = []
        stream.show(fresh, entry => seen.push(text(entry)))
        meet()
        const taken = model.read(group, consumer, { count: one % 20, isNoAck: two % 5 === 0, now })
        expect(seen).toEqual(taken.map(({ id }) => text(id)))
        return
      }
      case 2: {
        const wanted = { countMax: 3, isNoAck: false, claimIdleMs: 40, now }
        const { claimed } = stream.read(real, consumer, wanted)
        meet()
        const idle = group.byTime.filter(
          one => (one.consumer === null || now - one.time >= 40) && isThere(one.id),
        )
        const taken = idle.slice(0, 3)
        expect(claimed.map(text)).toEqual(taken.map(({ id }) => text(id)))
        for (const { id, count } of taken)
          hand(group, id, { consumer, time: now, count: count + 1 })
        if (taken.length < 3)
          model.read(group, consumer, { count: 3 - taken.length, isNoAck: false, now })
        return
      }
      case 3: {
        const wanted = { countMax: 4, isNoAck: false, claimIdleMs: null, now }
        const own = stream.readOwn(real, consumer, idMin, wanted)
        meet()
        const mine = group.pending.filter(one => one.consumer === consumer).slice(0, 4)
        expect(own).toEqual(mine.map(({ id }) => ({ ...id, isGone: !isThere(id) })))
        for (const { id, count } of mine)
          if (isThere(id)) hand(group, id, { consumer, time: now, count: count + 1 })
        return
      }
      case 4:
        expect(stream.ack(real, ids)).toBe(ids.filter(id => settle(group, id)).length)
        return
      case 5: {
        const isForced = two % 2 === 0
        const options = { mode: 'failed' as const, deliveries: null, isForced }
        const unique = ids.filter(
          (id, at) => ids.findIndex(one => compareIds(one, id) === 0) === at,
        )
        const given = unique.filter(
          id => pendingOf(group, id) !== undefined || (isForced && isThere(id)),
        )
        expect(stream.giveBack(real, unique, options)).toBe(given.length)
        for (const id of given) {
          const count = pendingOf(group, id)?.count ?? 0
          hand(group, id, { consumer: null, time: 0, count })
        }
        return
      }
      case 6: {
        const isForced = two % 2 === 0
        const unique = ids.filter(
          (id, at) => ids.findIndex(one => compareIds(one, id) === 0) === at,
        )
        const wanted = { deliveredAt: now, deliveries: null, isIdOnly: false, lastId: null, now }
        const claimed = stream.claim(real, consumer, unique, { ...wanted, idleMsMin: 20, isForced })
        meet()
        const taken: EntryId[] = []
        for (const id of unique) {
          const pending = pendingOf(group, id)
          if (!isThere(id)) settle(group, id)
          else if (
            pending === undefined ? isForced : pending.consumer === null || now - pending.time >= 20
          ) {
            taken.push(id)
            hand(group, id, { consumer, time: now, count: (pending?.count ?? 1) + 1 })
          }
        }
        expect(claimed).toEqual(taken)
        return
      }
      default: {
        if (two % 3 === 0) {
          const pendingCount = group.pending.filter(one => one.consumer === consumer).length
          const expected = group.consumers.delete(consumer) ? pendingCount : null
          expect(stream.deleteConsumer(real, consumer)).toBe(expected)
          for (const { id, consumer: of } of [...group.pending])
            if (of === consumer) settle(group, id)
          return
        }
        const wanted = { idleMsMin: 30, countMax: 5, isIdOnly: true, now }
        const { claimed, deleted } = stream.autoClaim(real, consumer, idMin, wanted)
        meet()
        const taken: EntryId[] = []
        const lost: EntryId[] = []
        for (const { id, time, count, consumer: of } of [...group.pending].slice(0, 50)) {
          if (taken.length + lost.length === 5) break
          if (!isThere(id)) {
            lost.push(id)
            settle(group, id)
          } else if (of === null || now - time >= 30) {
            taken.push(id)
            hand(group, id, { consumer, time: now, count })
          }
        }
        expect([claimed, deleted]).toEqual([taken, lost])
      }
    }
  })
})

const pass = fc.nat({ max: 60 }).map(
  (millis): Step =>
    async world => {
      world.broker.turn.flush() // All of a turn has one time.
      world.now += millis
      world.time.step()
      await new Promise(resolve => setImmediate(resolve))
    },
)
const restart = fc.boolean().map(
  (isCrash): Step =>
    world =>
      world.restart(isCrash),
)

function compare({ stream }: World, model: ModelStream): void {
  const { live } = model
  const expected = live.map(entry => `${text(entry.id)} ${entry.text}`)
  expect(stream.length).toBe(live.length)
  expect(text(stream.lastId)).toBe(text(model.lastId))
  expect(listed(stream, false)).toEqual(expected)
  expect(listed(stream, true)).toEqual(expected.reverse())
  const last = stream.lastEntryId
  expect(last === null ? undefined : text(last)).toBe(
    live.length === 0 ? undefined : text(live.at(-1)!.id),
  )
  const facts = stream.facts()
  expect([text(facts.firstId), text(facts.maxDeletedId), facts.entriesAdded]).toEqual([
    text(model.firstId),
    text(model.maxDeleted),
    model.entriesAdded,
  ])
  expect([...stream.groups.keys()].sort()).toEqual([...model.groups.keys()].sort())
  for (const [name, group] of model.groups) {
    const real = stream.groups.get(name)!
    expect([text(real.lastId), real.lag]).toEqual([text(group.lastId), model.lag(group)])
    expect([...real.consumers.keys()].sort()).toEqual([...group.consumers].sort())
    const pending = [...real.pending(idMin, idMax)].map(one => [
      text(one),
      one.consumer?.name ?? null,
      one.deliveredAt,
      one.deliveries,
    ])
    expect(pending).toEqual(
      group.pending.map(({ id, consumer, time, count }) => [text(id), consumer, time, count]),
    )
    for (const consumer of real.consumers.values())
      expect([...real.pending(idMin, idMax, consumer)].length).toBe(consumer.pendingCount)
  }
}

test('entries: like arrays and maps, with others writing too, and over restarts', async () => {
  const step = fc.oneof(
    { arbitrary: add, weight: 5 },
    { arbitrary: others, weight: 3 },
    { arbitrary: changes, weight: 4 },
    { arbitrary: reading, weight: 8 },
    { arbitrary: pass, weight: 3 },
    { arbitrary: restart, weight: 1 },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async steps => {
      const world = new World()
      await world.open()
      const model = new ModelStream()
      void world.stream
      for (const [index, one] of steps.entries()) {
        await one(world, model)
        if (index % 3 === 0) compare(world, model)
      }
      compare(world, model)
      await world.restart(true)
      compare(world, model)
    }),
    { numRuns: Number(process.env['ENTRIES_RUNS'] ?? 60) },
  )
}, 60_000)
