import { joinHeader } from './builder.ts'
import { codecs } from './compression/index.ts'
import {
  at,
  attribute,
  attributesOf,
  type CompressionName,
  compressionNames,
  compressionOf,
  HEADER_BYTES,
  LENGTH_PREFIX_BYTES,
  setChecksum,
} from './header.ts'
import { payloadOf } from './records.ts'

/**
 * The same batch with its records packed another way, for a topic's `compression.type`. The given
 * buffer comes back when there is nothing to do. Throws `MalformedError` for damaged records.
 */
export function recompress(batch: Buffer, compression: CompressionName): Buffer {
  if (compressionOf(batch) === compression) return batch
  const packed = joinHeader(codecs[compression].compress(payloadOf(batch)))
  batch.copy(packed, 0, 0, HEADER_BYTES)
  packed.writeInt32BE(packed.length - LENGTH_PREFIX_BYTES, at.length)
  const others = attributesOf(batch) & ~attribute.compressionMask
  packed.writeInt16BE(others | compressionNames.indexOf(compression), at.attributes)
  setChecksum(packed)
  return packed
}
