import { expect } from 'vitest'
import type { Offset } from '../../src/lib/brand.ts'
import type { Durability, LogId, Store } from '../../src/log/store.ts'
import { offsetsOf, textsOf } from '../contract/batches.ts'

export type Operation =
  | { readonly kind: 'create'; readonly log: LogId; readonly durability: Durability }
  | { readonly kind: 'append'; readonly log: LogId; readonly texts: readonly string[] }
  | { readonly kind: 'truncate'; readonly log: LogId; readonly before: Offset }
  | { readonly kind: 'delete'; readonly log: LogId }

/** One synchronous run of the broker: all of it is there after a crash, or nothing. */
export type Turn = { readonly number: number; readonly operations: Operation[] }

type ModelLog = { readonly durability: Durability; start: number; readonly texts: string[] }

/** What the store should hold, by the simplest means: the list of all turns so far. */
export class Model {
  turns: Turn[] = []
  /** Turns below these were acknowledged as sync, and as async. */
  syncedTurns = 0
  writtenTurns = 0

  logs(turnCount = this.turns.length): Map<LogId, ModelLog> {
    const logs = new Map<LogId, ModelLog>()
    for (const { operations } of this.turns.slice(0, turnCount))
      for (const operation of operations) {
        const { log: id } = operation
        if (operation.kind === 'create')
          logs.set(id, { durability: operation.durability, start: 0, texts: [] })
        else if (operation.kind === 'append') logs.get(id)!.texts.push(...operation.texts)
        else if (operation.kind === 'truncate') logs.get(id)!.start = operation.before
        else logs.delete(id)
      }
    return logs
  }

  /** After a crash: which turns are there? At least those that were promised, none in part. */
  async recovered(store: Store, turnCount: number, isPowerLost: boolean): Promise<void> {
    const promised = isPowerLost ? this.syncedTurns : Math.max(this.syncedTurns, this.writtenTurns)
    expect(turnCount, 'acknowledged turns are there').toBeGreaterThanOrEqual(promised)
    expect(turnCount, 'no turn comes from nowhere').toBeLessThanOrEqual(this.turns.length)
    this.turns = this.turns.slice(0, turnCount)
    this.syncedTurns = turnCount
    this.writtenTurns = turnCount
    const logs = this.logs()
    expect([...store.logs()].map(log => log.id).sort(byNumber)).toEqual(
      [...logs.keys()].sort(byNumber),
    )
    for (const [id, expected] of logs) await this.checkLog(store, id, expected)
  }

  async checkLog(store: Store, id: LogId, expected: ModelLog): Promise<void> {
    const log = store.log(id)!
    expect(log.startOffset, `log ${id} begins`).toBe(expected.start)
    expect(log.endOffset, `log ${id} ends`).toBe(expected.texts.length)
    expect(log.confirmedEnd, `log ${id} is readable to its end`).toBe(log.endOffset)
  }
}

/** Batches read from `from` are the model's records: none missing, none twice, in order. */
export function checkRead(
  batches: readonly Buffer[],
  from: number,
  expected: ModelLog,
  confirmedEnd: number,
): void {
  const offsets = offsetsOf(batches)
  const first = offsets[0]!
  expect(first, 'the batch that holds the offset comes first').toBeLessThanOrEqual(from)
  expect(offsets.at(-1), 'it reaches the offset').toBeGreaterThanOrEqual(from)
  expect(offsets.at(-1), 'nothing unconfirmed is shown').toBeLessThan(confirmedEnd)
  expect(offsets, 'offsets are dense').toEqual(offsets.map((_, index) => first + index))
  expect(textsOf(batches), 'records are what was appended').toEqual(
    expected.texts.slice(first, first + offsets.length),
  )
}

const byNumber = (a: number, b: number): number => a - b
