/** Kafka's own choice of a partition, so that a key lands where every other client puts it. */
export const partitionOf = (key: Uint8Array, count: number): number =>
  (murmur2(key) & 0x7fffffff) % count

const MULTIPLIER = 0x5bd1e995
const SEED = 0x9747b28c

/** MurmurHash2 of 32 bits as a signed integer. */
export function murmur2(bytes: Uint8Array): number {
  const wholeBytes = bytes.length & ~3
  let hash = SEED ^ bytes.length
  for (let at = 0; at < wholeBytes; at += 4) {
    const word =
      bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    const mixed = Math.imul(word, MULTIPLIER)
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(mixed ^ (mixed >>> 24), MULTIPLIER)
  }
  if (bytes.length > wholeBytes) {
    for (let at = bytes.length - 1; at >= wholeBytes; at--)
      hash ^= bytes[at]! << ((at - wholeBytes) * 8)
    hash = Math.imul(hash, MULTIPLIER)
  }
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER)
  return hash ^ (hash >>> 15)
}
