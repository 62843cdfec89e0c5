import { MalformedError } from '../../src/lib/bytes/index.ts'
import { Dice } from './bytes.ts'

/** Something that reads bytes of strangers. `run` throws when a promise is broken. */
export type Target = { readonly name: string; run(dice: Dice): void }

export class FuzzFailure extends Error {
  override readonly name = 'FuzzFailure'
}

/** Runs what may refuse its input. Every other failure passes through and ends the fuzzing. */
export function mayRefuse<Result>(decode: () => Result): Result | undefined {
  try {
    return decode()
  } catch (error) {
    if (error instanceof MalformedError) return undefined
    throw error
  }
}

/** One turn of one target. The seed alone decides what happens, so a failure can be replayed. */
export function turn(targets: readonly Target[], seed: number): void {
  const dice = new Dice(seed)
  const target = dice.pick(targets)
  try {
    target.run(dice)
  } catch (error) {
    throw new FuzzFailure(`${target.name}, seed ${seed}: ${(error as Error).message}`, {
      cause: error,
    })
  }
}
