import { rejects } from 'node:assert/strict'
import { expect, test } from 'vitest'
import { startBroker } from '../../../src/index.ts'
import { RespSocket } from '../../resp/socket.ts'
import { seeded } from '../rounds.ts'
import { Clerk } from './clerk.ts'

const BATCHES = 40

/** Says so after some time, measured in questions. */
function enough(): () => boolean {
  let asked = 0
  return () => ++asked > BATCHES
}

test('a clerk knows every answer, and finds its keys as it left them', async () => {
  await using broker = await startBroker()
  const address = broker.url('resp')
  for (const seed of [1, 2, 3]) {
    const clerk = new Clerk(`clerk-${seed}`, seeded(seed))
    await clerk.setUp(address)
    for (let round = 0; round < 3; round++) {
      await clerk.work(address, enough())
      await clerk.verify(address)
    }
    expect(clerk.acknowledged).toBeGreaterThan(BATCHES)
  }
})

test.each([
  ['a value that is older', ['SET', 'clerk:text', 'old']],
  ['an element that came back', ['RPUSH', 'clerk:other', 'old']],
  ['an entry that is pending again', ['XGROUP', 'SETID', 'clerk:stream', 'g', '0']],
])('a clerk finds %s', async (_name, words) => {
  await using broker = await startBroker()
  const address = broker.url('resp')
  const clerk = new Clerk('clerk', seeded(1))
  await clerk.setUp(address)
  await clerk.work(address, enough())
  const socket = await RespSocket.open(address)
  await socket.ask(...words)
  if (words[1] === 'SETID')
    await socket.ask(...'XREADGROUP GROUP g x STREAMS clerk:stream >'.split(' '))
  await socket.close()
  await rejects(clerk.verify(address), /as after none of/)
})
