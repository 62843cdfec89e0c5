import fc from 'fast-check'
import { beforeEach, expect, test } from 'vitest'
import { expectReplay, JournalWorld } from '../journal-world.fixture.ts'
import { Namespaces } from './namespaces.ts'

let world: JournalWorld<Namespaces>
let namespaces: Namespaces

function reopen(): void {
  world.reopen()
  namespaces = world.parts
}

beforeEach(() => {
  world = new JournalWorld(
    runtime => new Namespaces(runtime),
    made => [made],
  )
  namespaces = world.parts
})

const names = (): string[] => [...namespaces.all()].map(({ name }) => name)

test('namespaces: there is / from the beginning, and for ever', () => {
  expect(names()).toEqual(['/'])
  expect(() => namespaces.delete('/')).toThrow('cannot be deleted')
  reopen()
  expect(namespaces.get('/').description).toBe('Default virtual host')
})

test('namespaces: what is said of one is kept, what is left out stays', () => {
  namespaces.add('team', { description: 'ours', tags: ['a'], queuesMax: 10 })
  namespaces.put('team', { defaultQueueType: 'quorum' })
  reopen()
  expect(namespaces.get('team')).toMatchObject({
    description: 'ours',
    tags: ['a'],
    queuesMax: 10,
    connectionsMax: null,
    defaultQueueType: 'quorum',
  })
  const before = world.eventCount
  namespaces.put('team', { description: 'ours' })
  expect(world.eventCount).toBe(before)
})

const refusals: [name: string, change: () => void, message: string][] = [
  ['one that is there', () => namespaces.add('/'), 'Virtual host "/" already exists'],
  ['deleting none', () => namespaces.delete('no'), 'Virtual host no does not exist'],
  ['an empty name', () => namespaces.add(''), '1 to 255 bytes'],
  ['a long name', () => namespaces.add('é'.repeat(128)), '1 to 255 bytes'],
  ['a negative limit', () => namespaces.put('/', { queuesMax: -1 }), 'zero or more'],
  [
    'an unknown queue type',
    () => namespaces.put('/', { defaultQueueType: 'fast' as 'quorum' }),
    'fast is not a valid queue type',
  ],
]

for (const [name, change, message] of refusals) {
  test(`namespaces: ${name} is refused`, () => {
    const before = world.snapshots()
    expect(change).toThrow(message)
    expect(world.snapshots()).toEqual(before)
  })
}

test('namespaces: one is protected from deletion until it is not', () => {
  namespaces.add('team', { isProtected: true })
  expect(() => namespaces.delete('team')).toThrow('protected from deletion')
  namespaces.put('team', { isProtected: false })
  namespaces.delete('team')
  expect(names()).toEqual(['/'])
})

test('namespaces: listeners hear of it after it was made and before it is gone', () => {
  const heard: string[] = []
  namespaces.onCreated(({ name }) => heard.push(`made ${name} ${namespaces.has(name)}`))
  namespaces.onDeleted(({ name }) => heard.push(`gone ${name} ${namespaces.has(name)}`))
  const team = namespaces.add('team')
  namespaces.put('team', { description: 'x' })
  expect(team.description).toBe('x')
  namespaces.delete('team')
  expect(heard).toEqual(['made team true', 'gone team true'])
  expect(team.isDeleted).toBe(true)
})

test('namespaces: tracing ends with the broker', () => {
  namespaces.setTraced('/', true)
  expect(namespaces.get('/').isTraced).toBe(true)
  reopen()
  expect(namespaces.get('/').isTraced).toBe(false)
  expect(() => namespaces.setTraced('no', true)).toThrow('does not exist')
})

test('namespaces: on a full disk one can be deleted, and none made', () => {
  namespaces.add('team')
  world.refusal = { reason: 'disk-full', message: 'no room' }
  expect(() => namespaces.add('more')).toThrow('no room')
  namespaces.delete('team')
  expect(names()).toEqual(['/'])
})

const some = fc.constantFrom('a', 'b', '/')
const changes = fc.oneof(
  fc.tuple(some, fc.string()).map(([name, description]) => () => {
    namespaces.put(name, { description })
  }),
  fc.tuple(some, fc.nat()).map(([name, max]) => () => {
    namespaces.put(name, { connectionsMax: max })
  }),
  some.map(name => () => namespaces.delete(name)),
  fc.constant(() => world.checkpoint()),
)

test('namespaces: any history comes back the same, from events and from snapshots', () => {
  expectReplay(changes, world, { reopen, numRuns: 100, lengthMax: 20 })
})
