import { afterEach, describe, expect, test } from 'vitest'
import { Offset } from '../../src/lib/brand.ts'
import {
  type Durability,
  type Log,
  OutOfRangeError,
  type StateMachine,
  type Store,
  StoreRefusedError,
} from '../../src/log/store.ts'
import { batchOf, Diary, offsetsOf, policy, readAll, textsOf } from './batches.ts'

export type StoreUnderTest = {
  open(machines: readonly StateMachine[]): Promise<Store>
  /** What is written outlives `close`. */
  readonly isDurable: boolean
}

export const confirmed = (store: Store, durability: Durability = 'sync'): Promise<void> =>
  new Promise((resolve, reject) => {
    store.whenConfirmed(durability, refusal =>
      refusal === null ? resolve() : reject(new StoreRefusedError(refusal)),
    )
  })

/** What every store must do. A new one is finished when this passes. */
export function storeContract(name: string, make: () => Promise<StoreUnderTest>): void {
  describe(`store contract: ${name}`, () => {
    const opened: Store[] = []
    const open = async (machines: readonly StateMachine[] = []): Promise<Store> => {
      const store = await (await make()).open(machines)
      opened.push(store)
      return store
    }
    afterEach(async () => {
      for (const store of opened.splice(0)) await store.close()
    })

    appending(open)
    reading(open)
    machinesAndTurns(open)
    closing(make)
  })
}

type Open = (machines?: readonly StateMachine[]) => Promise<Store>

function appending(open: Open): void {
  test('numbers records from zero without gaps, in every log of its own', async () => {
    const store = await open()
    const [a, b] = [store.createLog(policy), store.createLog(policy)]
    expect(store.append(a.id, batchOf(['1', '2']))).toBe(0)
    expect(store.append(b.id, batchOf(['x']))).toBe(0)
    expect(store.append(a.id, batchOf(['3']))).toBe(2)
    expect(a.endOffset).toBe(3)
    await confirmed(store)
    expect(offsetsOf(await readAll(a))).toEqual([0, 1, 2])
    expect(textsOf(await readAll(b))).toEqual(['x'])
  })

  test('shows nothing to readers before it is confirmed', async () => {
    const store = await open()
    const log = store.createLog(policy)
    store.append(log.id, batchOf(['1']))
    expect(log.confirmedEnd).toBe(0)
    expect(await log.read(Offset(0), 1000)).toEqual([])
    await confirmed(store)
    expect(log.confirmedEnd).toBe(1)
  })

  for (const durability of ['sync', 'async', 'memory'] as const) {
    test(`confirms ${durability} logs, later than at once and in order`, async () => {
      const store = await open()
      const log = store.createLog({ ...policy, durability })
      const calls: string[] = []
      const done = new Promise<void>(resolve => {
        store.append(log.id, batchOf(['1']))
        store.whenConfirmed(durability, () => calls.push(`first at ${log.confirmedEnd}`))
        store.append(log.id, batchOf(['2']))
        store.whenConfirmed(durability, () => {
          calls.push(`second at ${log.confirmedEnd}`)
          resolve()
        })
        calls.push('appended')
      })
      await done
      expect(calls).toEqual(['appended', 'first at 2', 'second at 2'])
      expect(textsOf(await readAll(log))).toEqual(['1', '2'])
    })
  }

  test('confirms at once, but not before it returns, when nothing is unconfirmed', async () => {
    const store = await open()
    await confirmed(store, 'sync')
    await confirmed(store, 'async')
    await confirmed(store, 'memory')
  })

  test('tells of every log that advanced, once per slot', async () => {
    const store = await open()
    const logs = [1, 2, 3].map(() => store.createLog(policy))
    await confirmed(store)
    const told: number[] = []
    store.onAdvanced(advanced => told.push(...advanced.map(log => log.id)))
    for (const log of [logs[0]!, logs[2]!, logs[0]!]) store.append(log.id, batchOf(['x']))
    await confirmed(store)
    expect(told.sort((x, y) => x - y)).toEqual([logs[0]!.id, logs[2]!.id])
  })

  test('counts what is not confirmed yet', async () => {
    const store = await open()
    const log = store.createLog(policy)
    store.append(log.id, batchOf(['x'.repeat(10_000)]))
    await confirmed(store)
    expect(store.unconfirmedBytes).toBe(0)
  })
}

function reading(open: Open): void {
  const filled = async (store: Store, count: number): Promise<Log> => {
    const log = store.createLog(policy)
    for (let index = 0; index < count; index++)
      store.append(log.id, batchOf([`${index}a`, `${index}b`], 1_000 + index * 10))
    await confirmed(store)
    return log
  }

  test('reads whole batches, at least one, from the one that holds the offset', async () => {
    const log = await filled(await open(), 5)
    expect(textsOf(await log.read(Offset(3), 1))).toEqual(['1a', '1b'])
    const two = 2 * batchOf(['0a', '0b']).length
    expect(textsOf(await log.read(Offset(4), two))).toEqual(['2a', '2b', '3a', '3b'])
    expect(await log.read(Offset(10), 1000)).toEqual([])
  })

  test('refuses offsets that are not there', async () => {
    const store = await open()
    const log = await filled(store, 3)
    store.truncateBefore(log.id, Offset(3))
    expect(log.startOffset).toBe(3)
    expect(() => log.read(Offset(2), 1000)).toThrow(OutOfRangeError)
    expect(() => log.read(Offset(7), 1000)).toThrow(OutOfRangeError)
    expect(textsOf(await log.read(Offset(3), 1))).toEqual(['1a', '1b'])
  })

  test('finds by time, and the newest', async () => {
    const log = await filled(await open(), 4)
    expect(await log.findByTime(0)).toEqual({ offset: 0, timestamp: 1_000 })
    expect(await log.findByTime(1_011)).toEqual({ offset: 3, timestamp: 1_011 })
    expect(await log.findByTime(1_012)).toEqual({ offset: 4, timestamp: 1_020 })
    expect(await log.findByTime(2_000)).toBeUndefined()
    expect(await log.findNewest()).toEqual({ offset: 7, timestamp: 1_031 })
  })

  test('an empty log has nothing to find', async () => {
    const log = (await open()).createLog(policy)
    expect(await log.findByTime(0)).toBeUndefined()
    expect(await log.findNewest()).toBeUndefined()
    expect(await log.read(Offset(0), 1000)).toEqual([])
    expect(log.sizeBytes).toBe(0)
  })

  test('knows the size of what can be read', async () => {
    const store = await open()
    const log = await filled(store, 4)
    const oneBytes = batchOf(['0a', '0b']).length
    expect(log.sizeBytes).toBe(4 * oneBytes)
    store.truncateBefore(log.id, Offset(4))
    expect(log.sizeBytes).toBe(2 * oneBytes)
    store.truncateBefore(log.id, Offset(8))
    expect(log.sizeBytes).toBe(0)
  })
}

function machinesAndTurns(open: Open): void {
  test('gives events to their machine before it returns, and tells of batches', async () => {
    const diary = new Diary()
    const store = await open([diary])
    const log = store.createLog(policy)
    store.journal('diary', Buffer.from('one'))
    expect(diary.entries).toEqual(['one'])
    store.append(log.id, batchOf(['x', 'y']))
    expect(diary.entries).toEqual(['one', `${log.id}:0-1`])
    await confirmed(store)
  })

  test('never uses the number of a log again', async () => {
    const store = await open()
    const first = store.createLog(policy)
    store.deleteLog(first.id)
    expect(store.log(first.id)).toBeUndefined()
    const second = store.createLog(policy)
    expect(second.id).not.toBe(first.id)
    expect([...store.logs()].map(log => log.id)).toEqual([second.id])
  })

  test('changes a policy', async () => {
    const store = await open()
    const log = store.createLog(policy)
    store.setPolicy(log.id, { ...policy, retentionBytes: 1 })
    expect(store.log(log.id)?.policy.retentionBytes).toBe(1)
  })
}

function closing(make: () => Promise<StoreUnderTest>): void {
  test('refuses writes once it closes', async () => {
    const store = await (await make()).open([])
    const log = store.createLog(policy)
    const closed = store.close()
    expect(store.refusal?.reason).toBe('closing')
    expect(() => store.journal('x', Buffer.alloc(0))).toThrow(StoreRefusedError)
    expect(() => store.createLog(policy)).toThrow(StoreRefusedError)
    await closed
    expect(log.endOffset).toBe(0)
  })

  test('what was written is there again after it was closed and opened', async context => {
    const place = await make()
    if (!place.isDurable) return context.skip('nothing outlives a store in memory')
    let diary = new Diary()
    let store = await place.open([diary])
    const kept = store.createLog(policy)
    const deleted = store.createLog(policy)
    for (let round = 1; round <= 4; round++) {
      store.append(kept.id, batchOf([`round ${round}`]))
      store.journal('diary', Buffer.from(`event ${round}`))
      if (round === 2) store.deleteLog(deleted.id)
      if (round === 3) store.truncateBefore(kept.id, Offset(1))
      const before = diary.entries
      await store.close()
      diary = new Diary()
      store = await place.open([diary])
      expect(diary.entries).toEqual(before)
      expect(store.log(kept.id)?.endOffset).toBe(round)
      expect(store.log(kept.id)?.confirmedEnd).toBe(round)
    }
    expect(store.log(deleted.id)).toBeUndefined()
    expect(store.log(kept.id)?.startOffset).toBe(1)
    const texts = ['round 2', 'round 3', 'round 4']
    expect(textsOf(await readAll(store.log(kept.id)!))).toEqual(texts)
    await store.close()
  })
}
