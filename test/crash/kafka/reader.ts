import { Admin, Consumer } from '@platformatic/kafka'
import type { Ledger } from './ledger.ts'
import { bare, TOPIC } from './load.ts'

/** Reads partitions offset by offset, without a group, and tells the ledgers what is there. */
export async function readAll(
  address: string,
  ledgers: readonly Ledger[],
  from: (ledger: Ledger) => number,
): Promise<void> {
  const options = { clientId: 'reader', bootstrapBrokers: [address], retries: 3, retryDelay: 50 }
  const admin = new Admin(options)
  const consumer = new Consumer({ ...options, groupId: 'unused', maxWaitTime: 10, minBytes: 1 })
  try {
    const { topics, brokers } = await admin.metadata({ topics: [TOPIC], forceUpdate: true })
    const topicId = topics.get(TOPIC)?.id ?? ''
    const node = [...brokers.keys()][0] ?? -1
    for (const [partition, ledger] of ledgers.entries()) {
      const due = ledger.due
      let next = from(ledger)
      let end = Number.POSITIVE_INFINITY
      while (next < end) {
        const place = {
          partition,
          currentLeaderEpoch: -1,
          fetchOffset: BigInt(next),
          lastFetchedEpoch: -1,
          partitionMaxBytes: 8 << 20,
        }
        const answer = await consumer.fetch({
          node,
          topics: [{ topicId, partitions: [place] }],
        })
        const found = answer.responses[0]?.partitions[0]
        if (found === undefined) throw new Error(`no answer about partition ${partition}`)
        end = Number(found.highWatermark)
        const before = next
        for (const batch of found.records ?? []) {
          for (const record of batch.records) {
            const offset = Number(batch.firstOffset) + record.offsetDelta
            if (offset < next) continue
            ledger.found(offset, bare(String(record.value)))
            next = offset + 1
          }
        }
        if (next === before && next < end)
          throw new Error(`offset ${next} of ${end} cannot be read`)
      }
      ledger.settled(end, due)
    }
  } finally {
    await new Promise<void>(resolve => {
      consumer.close(true, () => resolve())
    })
    await admin.close()
  }
}
