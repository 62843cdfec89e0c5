import { expect, test } from 'vitest'
import { startBroker } from '../../../src/index.ts'
import { RespSocket } from '../../resp/socket.ts'
import { seeded } from '../rounds.ts'
import { Ledger } from './ledger.ts'
import { consumer, drain, producer, verify } from './workers.ts'

const TURNS = 30

/** Says so after some time, measured in questions. */
function enough(): () => boolean {
  let asked = 0
  return () => ++asked > TURNS
}

async function worked(ledger: Ledger, address: string): Promise<void> {
  await producer(ledger, seeded(1), false)(address, enough())
  await consumer(ledger, seeded(2))(address, enough())
}

test('a ledger knows what there is, and all of it can be had', async () => {
  await using broker = await startBroker({ storage: 'memory' })
  const address = broker.url('disque')
  const ledger = new Ledger()
  for (let round = 0; round < 2; round++) {
    await worked(ledger, address)
    await verify(ledger, address)
  }
  await drain(ledger, address)
  await verify(ledger, address)
  expect(ledger.acknowledged).toBeGreaterThan(10 * TURNS)
})

test('a ledger finds what is lost', async () => {
  await using broker = await startBroker({ storage: 'memory' })
  const address = broker.url('disque')
  const ledger = new Ledger()
  await worked(ledger, address)
  const socket = await RespSocket.open(address)
  await socket.ask('DEBUG', 'FLUSHALL')
  await socket.close()
  await expect(verify(ledger, address)).rejects.toThrow('jobs are lost')
})

test('a ledger finds what comes back', () => {
  const ledger = new Ledger()
  const [once, again] = [ledger.adding(true), ledger.adding(false)]
  ledger.added(once, 'a')
  ledger.added(again, 'b')
  for (const [id, body] of Object.entries({ a: once, b: again })) {
    ledger.taking()
    ledger.took([{ id, body }])
  }
  expect(() => ledger.took([{ id: 'a', body: once }])).toThrow('came back after it was taken')
  expect(() => ledger.took([{ id: 'b', body: again }])).not.toThrow()
  ledger.ending('b')
  ledger.ended('b')
  expect(() => ledger.took([{ id: 'b', body: again }])).toThrow('came back after its ACKJOB')
  expect(() => ledger.compare(new Map([['b', again]]))).toThrow('came back: it was done')
  expect(() => ledger.compare(new Map([['c', once]]))).toThrow('has two ids')
})

test('a ledger forgives what nobody was told', () => {
  const ledger = new Ledger()
  const [unanswered, once] = [ledger.adding(false), ledger.adding(true)]
  ledger.added(once, 'a')
  ledger.taking()
  expect(() => ledger.compare(new Map())).not.toThrow()
  expect(ledger.left).toBe(0)
  expect(() => ledger.compare(new Map([['b', unanswered]]))).toThrow('came back')
})
