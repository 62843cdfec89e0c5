/** Nothing that is ever sent looks like it. */
const POISON = 0xdb
let isPoisoned = false

/** From now on memory that is given back is overwritten. For tests: it costs what it finds out. */
export function poisonWhatIsGivenBack(): void {
  isPoisoned = true
}

/**
 * The bytes from `start` to `end` are going to be filled again: nobody may read them until then.
 * Who does all the same mostly finds what was there, and now and then somebody else's bytes; in
 * tests always nonsense.
 */
export function givenBack(bytes: Buffer, start = 0, end = bytes.length): void {
  if (isPoisoned) bytes.fill(POISON, start, end)
}
