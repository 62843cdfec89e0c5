const MIX = 0xc6a4a7935bd1e995n
const SEED = 0xadc83b19n
const SHIFT = 47n
const MASK = 2n ** 64n - 1n

/** MurmurHash64A with Redis' seed: two servers count the same elements alike. */
export function murmur(bytes: Buffer): bigint {
  let hash = SEED ^ ((BigInt(bytes.length) * MIX) & MASK)
  const whole = bytes.length - (bytes.length % 8)
  for (let at = 0; at < whole; at += 8) {
    let part = (bytes.readBigUInt64LE(at) * MIX) & MASK
    part ^= part >> SHIFT
    part = (part * MIX) & MASK
    hash = ((hash ^ part) * MIX) & MASK
  }
  if (whole < bytes.length) {
    let rest = 0n
    for (let at = bytes.length - 1; at >= whole; at--) rest = (rest << 8n) | BigInt(bytes[at]!)
    hash = ((hash ^ rest) * MIX) & MASK
  }
  hash ^= hash >> SHIFT
  hash = (hash * MIX) & MASK
  return hash ^ (hash >> SHIFT)
}
