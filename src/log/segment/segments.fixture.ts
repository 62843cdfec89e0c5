import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect } from 'vitest'
import { silentLogger } from '../../lib/logger.ts'
import { nodePlatform } from '../../platform/index.ts'
import type { Platform } from '../../platform/platform.ts'
import { type BatchRecord, readRecords } from '../batch/index.ts'
import type { LogId } from '../store.ts'
import { FakeSource } from './fake-source.ts'
import { SegmentReader } from './reader.ts'
import { Segmenter } from './segmenter.ts'
import { Workshop } from './workshop.ts'

/** When every record was made. */
export const time = 1_700_000_000_000

export let folder: string
export let source: FakeSource
export let reader: SegmentReader
export let segmenter: Segmenter
export let shop: Workshop

/** A new folder for each test of the file that calls it. */
export function inNewFolders(): void {
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sabir-segment-'))
    source = new FakeSource()
    await open(nodePlatform)
  })
  afterEach(async () => {
    await segmenter.close()
    await reader.close()
    rmSync(folder, { recursive: true })
  })
}

/** Reader and segmenter of the folder, on this platform from now on. */
export async function open(platform: Platform): Promise<void> {
  reader = new SegmentReader(platform.disk, folder)
  const options = { platform, folder, source, reader, logger: silentLogger }
  shop = new Workshop(options)
  segmenter = new Segmenter(options)
  await segmenter.open()
}

export const text = (value: string) => ({ timestamp: time, key: null, value: Buffer.from(value) })

export async function all(log: LogId): Promise<BatchRecord[]> {
  const found: BatchRecord[] = []
  for (const ref of source.segments(log)) {
    for await (const batches of reader.batches(ref))
      found.push(...batches.flatMap(b => readRecords(b)))
  }
  return found
}

export const values = async (log: LogId) => (await all(log)).map(record => record.value?.toString())

export function expectNoGaps(log: LogId, end: number): void {
  const refs = source.segments(log)
  expect(refs.at(-1)?.endOffset).toBe(end)
  for (const [index, ref] of refs.entries())
    if (index > 0) expect(ref.baseOffset).toBe(refs[index - 1]!.endOffset)
}
