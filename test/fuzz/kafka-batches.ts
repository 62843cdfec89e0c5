import { crc32 } from 'node:zlib'
import { crc32c } from '../../src/lib/crc32c.ts'
import { assert } from '../../src/lib/assert.ts'
import {
  checkBatch,
  compressionNames,
  downConvert,
  encodeBatch,
  prepareZstd,
  readRecords,
  recompress,
  splitBatches,
  upConvert,
} from '../../src/log/batch/index.ts'
import { type Dice, mutated } from './bytes.ts'
import { mayRefuse, type Target } from './target.ts'

const CHECKSUM_AT = 17
const CHECKED_FROM = 21
const UNPACKED_BYTES_MAX = 1024 * 1024

const records = ['first', 'second', 'third'].map((text, index) => ({
  timestamp: 1_700_000_000_000 + index,
  key: Buffer.from(`key ${text}`),
  value: Buffer.from(text.repeat(20)),
  headers: [{ key: 'h', value: Buffer.from(text) }],
}))

const plain = encodeBatch(records)
await prepareZstd()
const batches = compressionNames.map(name => recompress(plain, name))
const legacy = batches.flatMap(batch =>
  ([0, 1] as const).flatMap(magic => {
    const messages = downConvert(batch, magic, 0)
    return Buffer.isBuffer(messages) ? [messages] : []
  }),
)

/** Half of the inputs get a checksum that fits, or nothing behind it would ever be looked at. */
function signed(bytes: Buffer, dice: Dice): Buffer {
  if (bytes.length > CHECKED_FROM && dice.below(2) === 0)
    bytes.writeUInt32BE(crc32c(bytes.subarray(CHECKED_FROM)) >>> 0, CHECKSUM_AT)
  return bytes
}

/** The same for messages of the old formats: size at 8, checksum at 12 of what follows it. */
function signedMessages(bytes: Buffer, dice: Dice): Buffer {
  if (dice.below(2) === 0) return bytes
  for (let at = 0; at + 16 < bytes.length; ) {
    const end = at + 12 + bytes.readInt32BE(at + 8)
    if (end <= at + 16 || end > bytes.length) break
    bytes.writeUInt32BE(crc32(bytes.subarray(at + 16, end)), at + 12)
    at = end
  }
  return bytes
}

const producedBatches: Target = {
  name: 'kafka record batches',
  run(dice) {
    const bytes = signed(mutated(dice, batches), dice)
    const parts = mayRefuse(() => splitBatches(bytes))
    if (!Array.isArray(parts)) return
    for (const batch of parts) {
      if (mayRefuse(() => checkBatch(batch)) !== null) continue
      const read = mayRefuse(() => readRecords(batch, UNPACKED_BYTES_MAX))
      if (read === undefined) continue
      assert(read.length === batch.readInt32BE(57), 'as many records as the header counts')
    }
  },
}

const legacyMessages: Target = {
  name: 'kafka message sets',
  run(dice) {
    mayRefuse(() => upConvert(signedMessages(mutated(dice, legacy), dice)))
  },
}

export const batchTargets: readonly Target[] = [producedBatches, legacyMessages]
