import { Reader, shareOf } from './reader.ts'
import type { Settings } from './settings.ts'

export type ConsumeResult = { records: number; bytes: number; seconds: number; fetches: number }

/** Reads every partition from its first offset up to so many records; partitions are shared out. */
export async function runConsume(settings: Settings, recordsMax: number): Promise<ConsumeResult> {
  const { partitions, connections, seconds } = settings
  const total = { records: 0, bytes: 0, fetches: 0 }
  const begin = performance.now()
  const end = begin + seconds * 1000
  const readAll = async (index: number): Promise<void> => {
    const own = shareOf(partitions, connections, index)
    if (own.length === 0) return
    const reader = await Reader.open(settings, own, (_, __, records) => (total.records += records))
    while (total.records < recordsMax && performance.now() < end)
      if ((await reader.fetch()) === 0) break
    total.bytes += reader.bytes
    total.fetches += reader.fetches
    reader.close()
  }
  await Promise.all(Array.from({ length: connections }, (_, index) => readAll(index)))
  return { ...total, seconds: (performance.now() - begin) / 1000 }
}
