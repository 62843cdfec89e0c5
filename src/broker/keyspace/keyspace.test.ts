import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Millis } from '../../lib/brand.ts'
import { ByteWriter, type Piece } from '../../lib/bytes/index.ts'
import { silentLogger } from '../../lib/logger.ts'
import type { SnapshotPieces, StateMachine, Store, StoreRefusal } from '../../log/store.ts'
import { seededRandom } from '../../platform/seeded-random.ts'
import { Runtime } from '../runtime.ts'
import { brokerSettingsDefault } from '../settings.ts'
import { piecesOf } from '../snapshot.fixture.ts'
import type { Database } from './database.ts'
import type { ForeignKeys, Place } from './foreign.ts'
import { HashValue, writeFieldExpiry, writeFields, writeFieldsGone } from './hash/index.ts'
import { Keyspace } from './keyspace.ts'
import { isBlank, snapshotPaceDefault } from './snapshot/index.ts'
import { StringValue, writePart, writePieces, writeText } from './string/index.ts'

/** Lists that are nothing but names. */
class FakeLists implements ForeignKeys {
  readonly type = 'list'
  readonly all = new Set<string>()
  #changed: (namespace: string, name: string) => void = () => {}

  add(namespace: string, name: string): void {
    this.all.add(`${namespace}\0${name}`)
    this.#changed(namespace, name)
  }

  has(namespace: string, name: string): boolean {
    return this.all.has(`${namespace}\0${name}`)
  }

  names(namespace: string): string[] {
    const own = [...this.all].filter(name => name.startsWith(`${namespace}\0`))
    return own.map(name => name.slice(namespace.length + 1))
  }

  isOthers(_namespace: string, name: string): boolean {
    return name.startsWith('theirs')
  }

  delete(namespace: string, name: string): void {
    this.all.delete(`${namespace}\0${name}`)
    this.#changed(namespace, name)
  }

  rename(from: Place, to: Place): void {
    this.delete(from.namespace, from.name)
    this.add(to.namespace, to.name)
  }

  copy(_from: Place, to: Place): void {
    this.add(to.namespace, to.name)
  }

  onChanged(listener: (namespace: string, name: string) => void): void {
    this.#changed = listener
  }
}

/** A checkpoint that is being written. */
type Draft = {
  readonly pieces: SnapshotPieces
  readonly written: Buffer[]
  readonly eventsBefore: number
}

/** A keyspace over a journal in memory, with a clock that stands still until it is moved. */
class World {
  now = 1_700_000_000_000
  refusal: StoreRefusal | null = null
  readonly lists = new FakeLists()
  keyspace: Keyspace
  readonly expired: string[] = []
  #snapshot: readonly Buffer[] = []
  #draft: Draft | null = null
  #events: Buffer[] = []
  #soon: (() => void)[] = []
  #timer: { at: number; run: () => void } | null = null

  constructor() {
    this.keyspace = this.#open()
  }

  get eventCount(): number {
    return this.#events.length
  }

  db(index: number): Database {
    return this.keyspace.database(index)
  }

  pass(ms: number): void {
    this.endTurn()
    this.now += ms
  }

  endTurn(): void {
    for (const run of this.#soon.splice(0)) run()
  }

  /** Runs the timer if its time has come, and what it puts off, to the end. */
  tick(): void {
    this.endTurn()
    for (let timer = this.#timer; timer !== null && timer.at <= this.now; timer = this.#timer) {
      this.#timer = null
      timer.run()
      while (this.#soon.length > 0) this.endTurn()
    }
  }

  reopen(): void {
    this.endTurn()
    this.#timer = null
    this.#draft = null
    this.keyspace = this.#open()
  }

  checkpoint(): void {
    this.beginCheckpoint()
    this.writeCheckpoint(Infinity)
  }

  /** One that is being written is given up. */
  beginCheckpoint(): void {
    this.#draft?.pieces.return()
    const pieces = this.keyspace.snapshot()
    this.#draft = { pieces, written: [], eventsBefore: this.#events.length }
  }

  /** Goes on with it. */
  writeCheckpoint(piecesMax: number): void {
    const draft = this.#draft
    if (draft === null) return
    for (let left = piecesMax; left > 0; left--) {
      const { value, done } = draft.pieces.next()
      if (done !== true) draft.written.push(...value.map(piece => Buffer.from(piece)))
      else {
        this.#snapshot = draft.written
        this.#events.splice(0, draft.eventsBefore)
        this.#draft = null
        return
      }
    }
  }

  #open(): Keyspace {
    const runtime = new Runtime({
      settings: brokerSettingsDefault,
      logger: silentLogger,
      clock: { now: () => this.now as Millis, elapsed: () => 0 },
      timers: {
        after: (ms, run) => {
          const timer = { at: this.now + ms, run }
          this.#timer = timer
          return { cancel: () => (this.#timer = this.#timer === timer ? null : this.#timer) }
        },
        every: () => ({ cancel() {} }),
        soon: run => this.#soon.push(run),
      },
      random: seededRandom(1),
    })
    const keyspace = new Keyspace(runtime)
    keyspace.snapshotPace = { pieceBytes: 16, pieceKeys: 2 }
    keyspace.attach([this.lists]) // They survive starts in their own way.
    keyspace.onExpired((db, key, what) => this.expired.push(`${what} ${db.index} ${key}`))
    for (const piece of this.#snapshot) keyspace.restore(piece)
    for (const event of this.#events) keyspace.evolve(event)
    runtime.attach(this.#store(keyspace))
    keyspace.start()
    return keyspace
  }

  #store(machine: StateMachine): Store {
    const keep = (_name: string, event: Buffer): void => {
      this.#events.push(event)
      machine.evolve(event)
    }
    const refuse = (name: string, event: Buffer): void => {
      if (this.refusal !== null) throw new Error(this.refusal.message)
      keep(name, event)
    }
    const store: Partial<Store> = {
      journal: refuse,
      journalApplied: (_name, bytes, start, end) => {
        if (this.refusal !== null) throw new Error(this.refusal.message)
        this.#events.push(Buffer.from(bytes.subarray(start, end)))
      },
      journalRelief: keep,
      reliefRefusal: null,
    }
    return store as Store
  }
}

type Model = Map<string, { value: string; expiresAt: number | null }>

const keys = fc.constantFrom('a', 'b', 'c', 'key\xff', 'list1', 'list2')
const indexes = fc.constantFrom(0, 1)
const texts = fc.oneof(
  { weight: 9, arbitrary: fc.string({ unit: 'binary-ascii', maxLength: 6 }) },
  { weight: 1, arbitrary: fc.integer({ min: 4000, max: 9000 }).map(bytes => 'x'.repeat(bytes)) },
)
const times = fc.integer({ min: -5, max: 40 })

/** Each does something, to the world and to the model, and compares what came of it. */
type Step = (world: World, model: Model[]) => void

const live = (world: World, model: Model, key: string) => {
  const found = model.get(key)
  if (found?.expiresAt != null && found.expiresAt <= world.now) model.delete(key)
  return model.get(key)
}

const valueOf = (db: Database, key: string): string | undefined => {
  const value = db.value(key)
  if (value === undefined) return db.typeOf(key) === 'list' ? 'list' : undefined
  return (value as StringValue).text()
}

/** The key as one finds it whose bytes are in the middle of others. */
const asBytes = (db: Database, key: string): string => {
  const found = db.keyOf(Buffer.from(`<${key}>`, 'latin1'), 1, key.length + 1)
  expect(found).toBe(key)
  return found
}

/** In the middle of other bytes. */
const pieceOf = (text: string): Piece => ({
  bytes: Buffer.from(`<${text}>`, 'latin1'),
  start: 1,
  end: text.length + 1,
})

type Way = 'value' | 'text'
const ways = fc.constantFrom<Way>('value', 'text')
const put = (index: number, key: string, text: string, ttl: number | null, way: Way): Step => {
  return (world, model) => {
    const db = world.db(index)
    const expiresAt = ttl === null || ttl <= 0 ? null : world.now + ttl
    if (way === 'value') db.put(asBytes(db, key), StringValue.of(text), expiresAt)
    else db.putText(pieceOf(key), pieceOf(text))
    model[index]!.set(key, { value: text, expiresAt: way === 'value' ? expiresAt : null })
  }
}
const push = (index: number, key: string): Step => {
  return (world, model) => {
    if (live(world, model[index]!, key) !== undefined || !key.startsWith('list')) return
    world.db(index).typeOf(key)
    world.lists.add(world.db(index).namespace, key)
    model[index]!.set(key, { value: 'list', expiresAt: null })
  }
}
const append = (index: number, key: string, text: string): Step => {
  return (world, model) => {
    const found = live(world, model[index]!, key)
    const db = world.db(index)
    if (db.typeOf(key) === 'list') {
      return expect(() => db.change(key, 'string', () => {})).toThrow('another kind')
    }
    db.change(key, 'string', writer => {
      writePieces(writer)
      writePart(writer, found?.value.length ?? 0, Buffer.from(text, 'latin1'))
    })
    const value = (found?.value ?? '') + text
    model[index]!.set(key, { value, expiresAt: found?.expiresAt ?? null })
  }
}
const remove = (index: number, key: string): Step => {
  return (world, model) => {
    const was = live(world, model[index]!, key) !== undefined
    expect(world.db(index).delete(key)).toBe(was)
    model[index]!.delete(key)
  }
}
const expire = (index: number, key: string, ttl: number | null): Step => {
  return (world, model) => {
    const found = live(world, model[index]!, key)
    const time = ttl === null ? null : world.now + ttl
    expect(world.db(index).expireAt(key, time)).toBe(found !== undefined)
    if (found === undefined) return
    if (time !== null && time <= world.now) model[index]!.delete(key)
    else found.expiresAt = time
  }
}
const rename = (from: number, key: string, to: number, newKey: string, isCopy: boolean): Step => {
  return (world, model) => {
    if (isCopy && from === to && key === newKey) return
    const found = live(world, model[from]!, key)
    const [source, target] = [world.db(from), world.db(to)]
    if (found?.value === 'list' && newKey === 'key\xff') {
      return expect(() => source.rename(key, newKey, target)).toThrow('UTF-8')
    }
    const isDone = isCopy ? source.copy(key, newKey, target) : source.rename(key, newKey, target)
    expect(isDone).toBe(found !== undefined)
    if (found === undefined) return
    if (!isCopy) model[from]!.delete(key)
    model[to]!.set(newKey, { ...found })
  }
}
const flush = (index: number): Step => {
  return (world, model) => {
    world.db(index).flush()
    model[index]!.clear()
  }
}
const swap: Step = (world, model) => {
  world.keyspace.swap(0, 1)
  model.reverse()
}
const pass =
  (ms: number): Step =>
  world =>
    world.pass(ms)
const tick: Step = world => world.tick()

const changes: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(indexes, keys, texts, fc.option(times), ways).map(a => put(...a)),
  },
  { weight: 3, arbitrary: fc.tuple(indexes, keys).map(a => push(...a)) },
  { weight: 3, arbitrary: fc.tuple(indexes, keys, texts).map(a => append(...a)) },
  { weight: 2, arbitrary: fc.tuple(indexes, keys).map(a => remove(...a)) },
  { weight: 3, arbitrary: fc.tuple(indexes, keys, fc.option(times)).map(a => expire(...a)) },
  {
    weight: 3,
    arbitrary: fc.tuple(indexes, keys, indexes, keys, fc.boolean()).map(a => rename(...a)),
  },
  { weight: 1, arbitrary: indexes.map(flush) },
  { weight: 1, arbitrary: fc.constantFrom(swap, tick) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 30 }).map(pass) },
)
const restarts = fc.constantFrom<Step>(
  world => world.reopen(),
  world => world.checkpoint(),
  world => world.beginCheckpoint(),
)
const write = fc.nat({ max: 4 }).map(
  (pieces): Step =>
    world =>
      world.writeCheckpoint(pieces),
)
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 20, arbitrary: changes },
  { weight: 2, arbitrary: restarts },
  { weight: 2, arbitrary: write },
)

test('keyspace: whatever was done, it is what a plain map would be, also after starts', () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 60 }), history => {
      const world = new World()
      const model: Model[] = [new Map(), new Map()]
      for (const step of history) {
        step(world, model)
        for (const index of [0, 1]) expectSame(world, world.db(index), model[index]!)
      }
      const before = stateOf(world.keyspace)
      world.reopen()
      expect(stateOf(world.keyspace)).toEqual(before)
      world.checkpoint()
      world.reopen()
      expect(stateOf(world.keyspace)).toEqual(before)
    }),
    { numRuns: 300 },
  )
})

/** All there is, in an order of its own. */
const stateOf = ({ databases }: Keyspace): unknown[] =>
  databases.flatMap(({ index, keys }) => {
    if (isBlank(index, keys)) return []
    const all = Array.from({ length: keys.count }, (_, place) => {
      const { key, value, expiresAt } = keys.entryAt(place)
      const writer = new ByteWriter()
      value.write(writer)
      return [key, value.kind, expiresAt, writer.finish().toString('latin1')].join()
    })
    const expiring = [...keys.foreignExpiry].map(entry => entry.join())
    return [{ index, namespace: keys.namespace, all: all.sort(), expiring: expiring.sort() }]
  })

function expectSame(world: World, db: Database, model: Model): void {
  const listed = [...db.allKeys()].sort()
  expect(listed).toEqual([...model.keys()].filter(key => live(world, model, key)).sort())
  for (const [key, { value, expiresAt }] of model) {
    expect([key, valueOf(db, key)]).toEqual([key, value])
    expect([key, db.expiryOf(key)]).toEqual([key, expiresAt])
    const plain = db.lendText(pieceOf(key), pieceOf(''))
    if (plain === null) continue
    expect(expiresAt).toBeNull()
    expect(plain.bytes.toString('latin1', plain.start, plain.end)).toBe(value)
  }
}

test('keyspace: a scan gives every key that is there all the time, whatever comes and goes', () => {
  const names = fc.integer({ min: 0, max: 60 })
  const between = fc.array(
    fc.array(fc.tuple(fc.boolean(), fc.boolean(), names), { maxLength: 10 }),
    { minLength: 1, maxLength: 30 },
  )
  fc.assert(
    fc.property(between, fc.integer({ min: 1, max: 9 }), (rounds, count) => {
      const world = new World()
      const db = world.db(0)
      const add = (isList: boolean, name: string): void => {
        if (!isList) return db.put(name, StringValue.of('x'))
        db.delete(name)
        world.lists.add('/', name)
      }
      for (let name = 0; name < 40; name++) add(name % 3 === 0, `key${name}`)
      const staying = new Set([...db.allKeys()])
      const seen = new Set<string>()
      let cursor = 0
      let calls = 0
      do {
        let visited = 0
        cursor = db.scan(cursor, count, key => {
          seen.add(key)
          visited++
        })
        expect(visited).toBeLessThanOrEqual(count + 1)
        for (const [isAdded, isList, name] of rounds[calls % rounds.length]!) {
          // What is overwritten by another kind is not there all the time.
          if (isAdded && !db.has(`key${name}`)) add(isList, `key${name}`)
          else if (!isAdded) {
            db.delete(`key${name}`)
            staying.delete(`key${name}`)
          }
        }
        calls++
      } while (cursor !== 0)
      for (const key of staying) expect(seen).toContain(key)
    }),
    { numRuns: 200 },
  )
})

test('keyspace: what expires goes by itself, is told of, and bounded many go in a turn', () => {
  const world = new World()
  for (let key = 0; key < 2500; key++) {
    world.db(0).put(`k${key}`, StringValue.of('x'), world.now + 100 + (key % 7))
  }
  world.lists.add('/', 'list1')
  world.db(0).expireAt('list1', world.now + 50)
  world.pass(1000)
  world.tick()
  expect(world.expired.length).toBe(2501)
  expect(world.expired[0]).toBe('key 0 list1')
  expect(world.lists.all.size).toBe(0)
  expect(world.db(0).count()).toBe(0)
  expect(world.keyspace.usedBytes).toBe(0)
})

test('keyspace: a key whose time has come is not there, though nothing took it away yet', () => {
  const world = new World()
  const db = world.db(0)
  db.put('a', StringValue.of('x'), world.now + 10)
  world.now += 10
  expect(db.find('a', 'string')).toBeDefined() // The turn in which it was there is not over.
  world.endTurn()
  expect(db.find('a', 'string')).toBeUndefined()
  expect(world.expired).toEqual(['key 0 a'])
})

test('keyspace: fields of hashes expire one by one, and the last one takes the key along', () => {
  const world = new World()
  const db = world.db(0)
  db.change('h', 'hash', writer => writeFields(writer, ['a', '1', 'b', '2', 'c', '3']))
  db.change('h', 'hash', writer => writeFieldExpiry(writer, ['a', 'b'], world.now + 10))
  db.change('h', 'hash', writer => writeFieldExpiry(writer, ['c'], world.now + 20))
  world.pass(10)
  expect(db.find<HashValue>('h', 'hash')!.count).toBe(1)
  world.reopen()
  expect(world.db(0).find<HashValue>('h', 'hash')!.get('c')).toBe('3')
  world.pass(10)
  world.tick()
  expect(world.db(0).count()).toBe(0)
  expect(world.expired).toEqual(['element 0 h', 'element 0 h'])
})

test('keyspace: a list that is gone expires no more, nor does what is put in its place', () => {
  const world = new World()
  const db = world.db(0)
  world.lists.add('/', 'list1')
  db.expireAt('list1', world.now + 10)
  expect(db.expiringCount).toBe(1)
  world.lists.delete('/', 'list1')
  expect(db.expiringCount).toBe(0)
  world.lists.add('/', 'list1')
  expect(db.expiryOf('list1')).toBe(null)
})

test('keyspace: what others have made stays when all keys go, and goes by its name', () => {
  const world = new World()
  const db = world.db(0)
  world.lists.add(db.namespace, 'ours')
  world.lists.add(db.namespace, 'theirs')
  db.flush()
  expect([...db.allKeys()]).toEqual(['theirs'])
  expect(db.delete('theirs')).toBe(true)
  expect([...db.allKeys()]).toEqual([])
})

test('keyspace: who watches a key is told of its next change, once, whoever made it', () => {
  const world = new World()
  const db = world.db(0)
  const told: string[] = []
  const watch = (key: string): { cancel(): void } => db.watch(key, () => told.push(key))
  watch('a')
  watch('list1')
  watch('b').cancel()
  db.put('a', StringValue.of('1'))
  db.put('a', StringValue.of('2'))
  db.put('b', StringValue.of('2'))
  world.lists.add('/', 'list1')
  expect(told).toEqual(['a', 'list1'])
  watch('a')
  db.expireAt('a', world.now + 5)
  watch('a')
  db.rename('a', 'c')
  watch('c')
  world.keyspace.swap(0, 1)
  expect(told).toEqual(['a', 'list1', 'a', 'a', 'c'])
})

test('keyspace: a full disk refuses what adds, and takes what makes room', () => {
  const world = new World()
  const db = world.db(0)
  db.put('a', StringValue.of('1'))
  world.refusal = { reason: 'disk-full', message: 'full' }
  expect(() => db.put('b', StringValue.of('1'))).toThrow('full')
  expect(() => db.change('a', 'string', writer => writeText(writer, '2'))).toThrow('full')
  expect(valueOf(db, 'a')).toBe('1')
  expect(db.delete('a')).toBe(true)
  expect(db.count()).toBe(0)
})

test('keyspace: memory is counted up and down', () => {
  const world = new World()
  const db = world.db(0)
  db.put('a', StringValue.of('x'.repeat(10_000)))
  expect(world.keyspace.usedBytes).toBeGreaterThan(10_000)
  db.change('h', 'hash', writer => writeFields(writer, ['f', 'y'.repeat(1000)]))
  expect(world.keyspace.usedBytes).toBeGreaterThan(11_000)
  world.keyspace.bytesMax = 11_000
  expect(world.keyspace.isFull).toBe(true)
  db.delete('a')
  expect(world.keyspace.isFull).toBe(false)
  db.change('h', 'hash', writer => writeFieldsGone(writer, ['f']))
  expect(db.has('h')).toBe(false)
  expect(world.keyspace.usedBytes).toBe(0)
})

/** Names enough that some take the places of others. */
const many = fc.nat({ max: 30 }).map(number => `many${number}`)
const changesOfMany: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: changes },
  {
    weight: 5,
    arbitrary: fc.tuple(indexes, many, texts, fc.option(times), ways).map(a => put(...a)),
  },
  { weight: 5, arbitrary: fc.tuple(indexes, many).map(a => remove(...a)) },
  {
    weight: 2,
    arbitrary: fc.tuple(indexes, texts).map(
      ([index, text]): Step =>
        world => {
          world.db(index).change('hash', 'hash', writer => writeFields(writer, [text, text]))
        },
    ),
  },
)

test('keyspace: a snapshot is of the moment it began, whatever happens while it is written', () => {
  const some = fc.array(changesOfMany, { minLength: 5, maxLength: 60 })
  const pulls = fc.array(fc.nat({ max: 3 }), { minLength: 60, maxLength: 60 })
  fc.assert(
    fc.property(some, some, pulls, (before, after, taken) => {
      const world = new World()
      const model: Model[] = [new Map(), new Map()]
      for (const step of before) step(world, model)
      const expected = stateOf(world.keyspace)
      const snapshot = world.keyspace.snapshot()
      const pieces: Buffer[] = []
      for (const [index, step] of after.entries()) {
        step(world, model)
        for (let left = taken[index]!; left > 0; left--) {
          const { value, done } = snapshot.next()
          if (done !== true) pieces.push(...value.map(piece => Buffer.from(piece)))
        }
      }
      pieces.push(...piecesOf(snapshot))
      const restored = new World().keyspace
      for (const piece of pieces) restored.restore(piece)
      expect(stateOf(restored)).toEqual(expected)
    }),
    { numRuns: 500 },
  )
})

test('keyspace: a snapshot looks as it is written down', () => {
  const world = new World()
  world.keyspace.snapshotPace = snapshotPaceDefault
  const db = world.db(0)
  db.put('s', StringValue.of('\xff!'))
  db.put('t', StringValue.of(''), 1_800_000_000_000)
  db.change('h', 'hash', writer => writeFields(writer, ['f', 'v']))
  db.change('h', 'hash', writer => writeFieldExpiry(writer, ['f'], 1_800_000_000_001))
  db.change('m', 'set', writer => writer.bytes(hex('00 01 01 78')))
  world.lists.add('/', 'l')
  db.expireAt('l', 1_800_000_000_000)
  const golden = [
    '02',
    '40 00 01 2f',
    '41 01 6c 000001a3185c5000',
    '02 01 6d 01 01 78',
    '01 01 68 03 01 66 01 76 01 01 66 000001a3185c5001',
    '80 01 74 000001a3185c5000 00',
    '00 01 73 02 ff21',
  ]
  const [bytes, ...more] = piecesOf(world.keyspace.snapshot())
  expect(more).toEqual([])
  expect(bytes!.toString('hex')).toBe(hex(...golden).toString('hex'))
  const before = stateOf(world.keyspace)
  // What wrote everything in one piece.
  const first = ['01 0001 01 2f 00000004', ...golden.slice(3), '00000001 01 6c 000001a3185c5000']
  const restored = new World().keyspace
  restored.restore(hex(...first))
  expect(stateOf(restored)).toEqual(before)
  bytes![0] = 3
  expect(() => new World().keyspace.restore(bytes!)).toThrow(
    '"keyspace" in the newest checkpoint has format 3',
  )
})

test('keyspace: each piece of a snapshot can be read by itself, however large values are', () => {
  const world = new World()
  world.keyspace.snapshotPace = snapshotPaceDefault
  for (const [index, size] of [10, 200_000, 600_000, 100, 3_000_000, 400_000, 50].entries())
    world.db(index % 3).put(`key${index}`, StringValue.of(String(index).repeat(size)))
  const pieces = piecesOf(world.keyspace.snapshot())
  expect(pieces.length).toBeGreaterThan(2)
  const restored = new World().keyspace
  for (const piece of pieces.reverse()) restored.restore(piece)
  expect(stateOf(restored)).toEqual(stateOf(world.keyspace))
})

const hex = (...texts: readonly string[]): Buffer =>
  Buffer.from(texts.join('').replaceAll(' ', ''), 'hex')
