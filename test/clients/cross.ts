import { deepEqual } from 'node:assert/strict'
import { type Compression, compressions, type Operations, type Row } from './driver.ts'
import { eventually } from './steps.ts'

type Named = readonly [client: string, operations: Operations]

/**
 * Every client writes to one partition of its own, in turn with every compression, and every
 * client reads all of them.
 */
export function crossScenario(
  drivers: readonly Named[],
  topic: string,
): [name: string, run: () => Promise<void>][] {
  const rowsOf = (writer: string, partition: number, compression: Compression): Row[] =>
    Array.from({ length: 5 }, (_, index) => ({
      partition,
      key: `${writer}-${compression}-${index}`,
      value: `${writer} wrote ${index} with ${compression}, ${'.'.repeat(300)}`,
      timestamp: 1_700_000_000_000 + index,
    }))
  const expected = (writer: string, partition: number): Row[] =>
    compressions.flatMap(compression => rowsOf(writer, partition, compression))
  const write = async (): Promise<void> => {
    const maker = drivers.find(([, operations]) => operations.createTopic !== undefined)
    await maker?.[1].createTopic({ topic, partitions: drivers.length })
    for (const [partition, [writer, operations]] of drivers.entries()) {
      for (const compression of compressions) {
        const records = rowsOf(writer, partition, compression)
        await eventually(async () => {
          await operations.produce({ topic, records, compression })
          return true
        })
      }
    }
  }
  const pairs = drivers.flatMap(([reader, operations]) =>
    drivers.map(([writer], partition): [string, () => Promise<void>] => [
      `${reader} reads what ${writer} wrote`,
      async () => {
        const rows = expected(writer, partition)
        const count = rows.length
        const read = await operations.consume({ topic, partition, from: 'earliest', count })
        const bare = read.map(({ key, value, timestamp }) => ({ partition, key, value, timestamp }))
        deepEqual(bare, rows)
      },
    ]),
  )
  return [['every client writes with every compression', write], ...pairs]
}
