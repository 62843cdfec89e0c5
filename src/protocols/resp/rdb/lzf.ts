import { MalformedError } from '../../../lib/bytes/index.ts'

/** What LZF packed. Throws `MalformedError` when it is not what was announced. */
export function unpackLzf(packed: Buffer, length: number): Buffer {
  const target = Buffer.alloc(length)
  let at = 0
  for (let from = 0; from < packed.length; ) {
    const control = packed[from++]!
    const isLiteral = control < 32
    let count = isLiteral ? control + 1 : control >> 5
    if (!isLiteral && count === 7) count += packed[from++] ?? 0
    if (!isLiteral) count += 2
    if (at + count > length) throw new MalformedError('more was packed than announced')
    if (isLiteral) {
      if (from + count > packed.length) throw new MalformedError('packed bytes end early')
      packed.copy(target, at, from, from + count)
      from += count
    } else {
      const back = at - ((control & 0x1f) << 8) - (packed[from++] ?? 0) - 1
      if (back < 0) throw new MalformedError('packed bytes refer to what was before them')
      // What is copied may be what was just written.
      for (let index = 0; index < count; index++) target[at + index] = target[back + index]!
    }
    at += count
  }
  if (at !== length) throw new MalformedError('less was packed than announced')
  return target
}
