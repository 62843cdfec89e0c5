/** The polynomial of Jones, reflected, in two halves. */
const HIGH = 0x95ac9329
const LOW = 0xac4bc9b5

const highs = new Uint32Array(256)
const lows = new Uint32Array(256)
for (let byte = 0; byte < 256; byte++) {
  let [high, low] = [0, byte]
  for (let bit = 0; bit < 8; bit++) {
    const isOdd = (low & 1) === 1
    low = ((low >>> 1) | (high << 31)) >>> 0
    high >>>= 1
    if (!isOdd) continue
    high = (high ^ HIGH) >>> 0
    low = (low ^ LOW) >>> 0
  }
  highs[byte] = high
  lows[byte] = low
}

/** CRC-64 as Redis has it, into eight bytes of a target, lowest first. */
export function writeCrc64(bytes: Buffer, end: number, target: Buffer, at: number): void {
  let [high, low] = [0, 0]
  for (let index = 0; index < end; index++) {
    const row = (low ^ bytes[index]!) & 0xff
    low = (((low >>> 8) | (high << 24)) ^ lows[row]!) >>> 0
    high = ((high >>> 8) ^ highs[row]!) >>> 0
  }
  target.writeUInt32LE(low, at)
  target.writeUInt32LE(high, at + 4)
}
