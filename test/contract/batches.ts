import { encodeBatch, readRecords } from '../../src/log/batch/index.ts'
import type { BatchSummary, Log, LogId, LogPolicy, StateMachine } from '../../src/log/store.ts'
import { Offset } from '../../src/lib/brand.ts'

export const policy: LogPolicy = {
  durability: 'sync',
  retentionMs: null,
  retentionBytes: null,
  segmentBytes: 1024 * 1024 * 1024,
  segmentMs: 7 * 24 * 3600 * 1000,
  compaction: null,
}

/** A batch with one record for each text. */
export function batchOf(texts: readonly string[], timestamp = 1_000): Buffer {
  return encodeBatch(
    texts.map((text, index) => ({
      timestamp: timestamp + index,
      key: null,
      value: Buffer.from(text),
    })),
  )
}

export const textsOf = (batches: readonly Buffer[]): string[] =>
  batches.flatMap(batch => readRecords(batch).map(record => String(record.value)))

export const offsetsOf = (batches: readonly Buffer[]): number[] =>
  batches.flatMap(batch => readRecords(batch).map(record => record.offset))

/** Everything a reader may see. */
export async function readAll(log: Log, bytesMax = 4096): Promise<Buffer[]> {
  const found: Buffer[] = []
  let at = log.startOffset
  while (at < log.confirmedEnd) {
    const batches = await log.read(at, bytesMax)
    if (batches.length === 0) break
    found.push(...batches)
    const last = batches.at(-1)!
    at = Offset(last.readInt32BE(4) + last.readInt32BE(23) + 1)
  }
  return found
}

/** Remembers what it was told, in a form that can be compared. */
export class Diary implements StateMachine {
  readonly name: string
  entries: string[] = []

  constructor(name = 'diary') {
    this.name = name
  }

  evolve(event: Buffer): void {
    this.entries.push(event.toString())
  }

  appended(log: LogId, batch: BatchSummary): void {
    this.entries.push(`${log}:${batch.baseOffset}-${batch.lastOffset}`)
  }

  snapshot(): Buffer {
    return Buffer.from(JSON.stringify(this.entries))
  }

  restore(snapshot: Buffer): void {
    this.entries = JSON.parse(snapshot.toString()) as string[]
  }
}
