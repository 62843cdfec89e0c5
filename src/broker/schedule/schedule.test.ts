import { deepEqual, equal, ok } from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import { limits } from '../../limits/limits.ts'
import { decodeAnnotations, encodeAnnotations } from '../../message/annotations.ts'
import { ScheduleWorld } from './world.fixture.ts'
import { leadFor, startOf, WIDTH_MS_MIN, widthFor } from './widths.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

test('schedule: each message at its time, to the millisecond', async () => {
  const world = new ScheduleWorld()
  const { now } = world
  for (const delay of [500, 1, 70_000, 0, 2 * HOUR, 500, 33 * DAY]) world.add(`d${delay}`, delay)
  for (const delay of [1000, 70_000, 2 * HOUR, 33 * DAY]) {
    await world.skip(Math.max(0, now + delay - world.now - 3000))
    await world.pass(5000)
  }
  deepEqual(world.published(now), [
    '+0 d0',
    '+1 d1',
    '+500 d500',
    '+500 d500',
    '+70000 d70000',
    `+${2 * HOUR} d${2 * HOUR}`,
    `+${33 * DAY} d${33 * DAY}`,
  ])
})

test('schedule: what is published is what was given, with a note on the delay', async () => {
  const world = new ScheduleWorld()
  const seen: unknown[] = []
  world.schedule.outlet = {
    innerRoute: (namespace, exchange, routingKey) => {
      seen.push([namespace, exchange, routingKey])
      return { namespace, exchange, routingKey, isStale: false }
    },
    publish: (_, { key, copies, ttlMs, priority, annotations, ...at }) => {
      const { properties, propertiesStart, propertiesEnd } = at
      const text = properties.toString('utf8', propertiesStart, propertiesEnd)
      seen.push([String(key), copies, ttlMs, priority, decodeAnnotations(annotations!), text])
      return 1
    },
  }
  const properties = Buffer.from('-props-')
  const firstDeath = { queue: 'q', reason: 'expired', exchange: 'e' } as const
  world.add('a', 20, {
    key: Buffer.from('k'),
    copies: ['one', 'two'],
    ttlMs: 70,
    priority: 3,
    properties,
    propertiesStart: 1,
    propertiesEnd: 6,
    annotations: encodeAnnotations({ firstDeath }),
  })
  await world.pass(100)
  deepEqual(seen, [
    ['/', 'later', 'key'],
    ['k', ['one', 'two'], 70, 3, { firstDeath, delayedMs: 20 }, 'props'],
  ])
})

test('schedule: late ones after a restart at once, in order', async () => {
  for (const isCheckpointed of [false, true]) {
    const world = new ScheduleWorld()
    for (const delay of [9000, 100, HOUR, 5000]) world.add(`d${delay}`, delay)
    await world.run()
    if (isCheckpointed) await world.checkpoint()
    const before = world.now
    world.now += DAY
    world.crash()
    await world.pass(10)
    deepEqual(world.bodies, ['d100', 'd5000', 'd9000', `d${HOUR}`])
    ok(world.published(before).every(text => text.startsWith(`+${DAY} `)))
    equal(world.schedule.count('/', 'later'), 0)
  }
})

test('schedule: what waits for an exchange that is gone is not published', async () => {
  const world = new ScheduleWorld()
  world.add('old', 1000)
  world.add('other', 1000, {}, 'other')
  await world.run()
  equal(world.schedule.count('/', 'later'), 1)
  world.schedule.cancel('/', 'later')
  world.add('new', 2000)
  await world.run()
  equal(world.schedule.count('/', 'later'), 1)
  world.crash()
  await world.pass(5000)
  deepEqual(world.bodies, ['other', 'new'])
})

test('schedule: the wall clock may jump, ahead and back', async () => {
  const world = new ScheduleWorld()
  world.add('a', HOUR)
  await world.pass(1000)
  world.now += 2 * HOUR
  await world.pass(1000)
  deepEqual(world.bodies, ['a'])
  world.now -= HOUR
  world.add('b', 50)
  await world.pass(1000)
  deepEqual(world.bodies, ['a', 'b'])
})

test('schedule: its logs go once their time is over', async () => {
  const world = new ScheduleWorld()
  for (let delay = 1; delay < DAY; delay *= 2) world.add(`d${delay}`, delay)
  await world.run()
  ok(world.logs.size > 10)
  await world.skip(3 * DAY)
  equal(world.logs.size, 1)
})

/** Some 20 KB each. */
const large = (name: number): string => `${name} ${'x'.repeat(20_000)}`

for (const isSlow of [false, true]) {
  test(`schedule: a flood is split, in order, disk ${isSlow ? 'slow' : 'fast'}`, async () => {
    const world = new ScheduleWorld()
    world.isSlow = isSlow
    const delays: number[] = []
    for (let index = 0; index < 2500; index++) {
      const delay = HOUR + ((index * 7919) % 3000)
      delays.push(delay)
      world.add(large(delay), delay)
      if (index % 100 === 0) await world.run()
    }
    await world.skip(HOUR - 60_000)
    await world.pass(70_000)
    await world.skip(HOUR)
    const got = world.bodies.map(body => Number(body.slice(0, body.indexOf(' '))))
    deepEqual(
      got,
      delays.toSorted((one, other) => one - other),
    )
    ok(world.largestResident <= limits.scheduleResidentBytesMax)
    ok(world.largestResident > 0)
    equal(world.logs.size, 1)
  })
}

test('schedule: a flood for one moment is read piece by piece', async () => {
  const world = new ScheduleWorld()
  const { now } = world
  for (let index = 0; index < 2500; index++) {
    world.schedule.add(
      { namespace: '/', exchange: 'later', routingKey: 'key', isStale: false },
      world.publication(large(index)),
      now + HOUR,
    )
    if (index % 100 === 0) await world.run()
  }
  await world.skip(2 * HOUR)
  deepEqual(
    world.bodies.map(body => Number.parseInt(body)),
    Array.from({ length: 2500 }, (_, index) => index),
  )
  ok(world.largestResident <= limits.scheduleBucketBytesMax)
})

type Step =
  | { kind: 'add'; delay: number; count: number }
  | { kind: 'pass'; milliseconds: number }
  | { kind: 'crash'; callbacks: number }
  | { kind: 'interrupt'; milliseconds: number; callbacks: number }
  | { kind: 'checkpoint' }

const delay = fc.oneof(
  fc.nat(50),
  fc.nat(10_000),
  fc.nat(100 * DAY),
  fc.constantFrom(WIDTH_MS_MIN, 2 ** 32 - 1),
)
const count = fc.oneof({ weight: 3, arbitrary: fc.constant(1) }, fc.integer({ min: 2, max: 30 }))
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('add' as const), delay, count }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      milliseconds: fc.oneof(fc.nat(100), fc.nat(20_000), fc.nat(DAY)),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('crash' as const), callbacks: fc.nat(60) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('interrupt' as const),
      milliseconds: fc.oneof(fc.nat(20_000), fc.nat(DAY)),
      callbacks: fc.nat(30),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'checkpoint' as const }) },
)

/** So little that almost every bucket is split, and read in parts. */
const TINY = { bucketBytesMax: 250, residentBytesMax: 400, partBytes: 200 }

const runs = fc.tuple(fc.array(step, { maxLength: 20 }), fc.boolean(), fc.boolean())
test('schedule: whatever happens, what was confirmed comes once, and not early', async () => {
  await fc.assert(
    fc.asyncProperty(runs, async ([steps, isSlow, isTiny]) => {
      const world = new ScheduleWorld(isTiny ? TINY : undefined)
      world.isSlow = isSlow
      const dues = new Map<string, number>()
      for (const one of steps) {
        if (one.kind === 'add') {
          for (let left = one.count; left > 0; left--) {
            const body = `m${dues.size}`
            const wait = one.delay + left * 7
            dues.set(body, world.now + wait)
            world.add(body, wait)
          }
          continue
        }
        if (one.kind === 'crash') {
          await world.run(one.callbacks)
          world.crash()
        } else if (one.kind === 'interrupt') await world.interrupt(one.milliseconds, one.callbacks)
        else if (one.kind === 'pass') await world.skip(one.milliseconds, 4)
        else await world.checkpoint()
      }
      await world.skip(150 * DAY)
      const { bodies } = world
      const came = new Set(bodies)
      const lost = [...world.sure].filter(body => !came.has(body))
      deepEqual(lost, [], 'none is lost')
      equal(came.size, bodies.length, 'none is doubled')
      for (const text of world.published(0)) {
        const [time, body] = text.slice(1).split(' ')
        ok(Number(time) >= dues.get(body!)!, `${body} is early`)
      }
      equal(world.schedule.count('/', 'later'), 0)
      equal(world.logs.size, 1)
    }),
    { numRuns: 60 },
  )
}, 60_000)

test('schedule: few buckets of a width are needed, and there is time to load them', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 40), fc.nat(2 ** 48), (now, wait) => {
      const widthMs = widthFor(wait)
      equal(Number.isInteger(Math.log2(widthMs)), true)
      ok(widthMs === WIDTH_MS_MIN || widthMs * 4 <= wait)
      ok(wait < widthMs * 8)
      const start = startOf(now + wait, widthMs)
      ok(start <= now + wait && now + wait < start + widthMs)
      if (widthMs > WIDTH_MS_MIN) ok(start - now > leadFor(widthMs))
    }),
  )
})

test('schedule: a crash at any step of a split loses nothing and doubles nothing', async () => {
  let moved = 0
  for (let callbacks = 0; callbacks < 150; callbacks++) {
    const world = new ScheduleWorld(TINY)
    for (let index = 0; index < 40; index++) world.add(`m${index}`, 500 + index * 37)
    await world.run(callbacks)
    if (world.logs.size > 5) moved++
    world.crash()
    await world.skip(DAY)
    const { bodies } = world
    const came = new Set(bodies)
    deepEqual(
      [...world.sure].filter(body => !came.has(body)),
      [],
      `lost after ${callbacks}`,
    )
    equal(came.size, bodies.length, `doubled after ${callbacks}`)
  }
  ok(moved > 10, 'there was something to move')
})
