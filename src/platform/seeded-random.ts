import type { Random } from './platform.ts'

/** Randomness that a seed repeats, for tests and simulations: never for secrets (xorshift128). */
export function seededRandom(seed: number): Random {
  const state = new Uint32Array([seed, seed ^ 0x9e3779b9, 0x243f6a88, 0xb7e15162])
  const draw = (): number => {
    let mixed = state[3]!
    mixed ^= mixed << 11
    mixed ^= mixed >>> 8
    state.copyWithin(1, 0, 3)
    state[0] = mixed ^ state[1]! ^ (state[1]! >>> 19)
    return state[0]
  }
  for (let warmUp = 0; warmUp < 16; warmUp++) draw()
  return {
    next: () => draw() / 2 ** 32,
    bytes(count) {
      const bytes = Buffer.alloc(count)
      for (let index = 0; index < count; index++) bytes[index] = draw() & 0xff
      return bytes
    },
  }
}
