import { closeSync, openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const BLOCK_BYTES = 4096

/**
 * Blots out the end of what was written last, as a broker would leave it that acknowledges before
 * its bytes are safe. A checker that does not notice checks nothing. Clients that do not wait have
 * nothing confirmed in the very last slot: for them, more has to go.
 */
export function cutTail(folder: string, cutBytes = 64): void {
  const chain = join(folder, 'chain')
  const names = readdirSync(chain).filter(name => name.endsWith('.chain'))
  const paths = names.toSorted().map(name => join(chain, name))
  const path = paths.findLast(holdsSlots) ?? ''
  const bytes = readFileSync(path)
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end--
  const start = Math.max(BLOCK_BYTES, end - cutBytes)
  const file = openSync(path, 'r+')
  writeSync(file, Buffer.alloc(end - start), 0, end - start, start)
  closeSync(file)
}

/** The newest file may be prepared and still empty: a header, and zeros behind it. */
function holdsSlots(path: string): boolean {
  return readFileSync(path)
    .subarray(BLOCK_BYTES, 2 * BLOCK_BYTES)
    .some(byte => byte !== 0)
}
