import * as z from 'zod'
import type { Broker } from '../../broker/broker.ts'
import { operation } from '../operation.ts'
import { nothing } from '../shapes.ts'

const amount = z.number().nonnegative()

export const alarmOperations = [
  operation('alarms', nothing, ({ broker }) => alarmFacts(broker)),
  operation(
    'set-memory-watermark',
    z.union([z.strictObject({ fraction: amount }), z.strictObject({ bytes: amount })]),
    ({ broker }, mark) => broker.alarms.setMemoryWatermark(mark),
  ),
  operation(
    'set-disk-free-min',
    // The share is of all memory: room for what may have to be written.
    z.union([z.strictObject({ bytes: amount }), z.strictObject({ memoryShare: amount })]),
    ({ broker }, asked) => {
      const total = broker.alarms.memoryTotalBytes ?? 0
      const bytes = 'bytes' in asked ? asked.bytes : asked.memoryShare * total
      broker.alarms.setDiskFreeMin(Math.round(bytes))
    },
  ),
]

export const alarmFacts = ({ alarms }: Broker) => ({
  active: Object.fromEntries(alarms.active()),
  memoryUsedBytes: alarms.memoryUsedBytes,
  memoryLimitBytes: alarms.memoryLimitBytes,
  memoryTotalBytes: alarms.memoryTotalBytes,
  memoryWatermark: alarms.memoryWatermark,
  diskFreeBytes: alarms.diskFreeBytes,
  diskFreeBytesMin: alarms.diskFreeBytesMin,
})
