/** Names less alike are no help. */
const LIKENESS_MIN = 0.77

/** The name that was probably meant. */
export function suggestion(typed: string, names: readonly string[]): string | undefined {
  let best: string | undefined
  let likeness = LIKENESS_MIN
  for (const name of names) {
    const one = jaro(name, typed)
    if (one < likeness) continue
    likeness = one
    best = name
  }
  return best
}

/** Jaro's measure of how alike two words are, from 0 to 1. */
function jaro(one: string, other: string): number {
  const reach = Math.max(0, Math.floor(Math.max(one.length, other.length) / 2) - 1)
  const taken = new Set<number>()
  const matched: string[] = []
  for (const [index, letter] of one.split('').entries()) {
    const last = Math.min(other.length - 1, index + reach)
    for (let at = Math.max(0, index - reach); at <= last; at++) {
      if (other[at] !== letter || taken.has(at)) continue
      taken.add(at)
      matched.push(letter)
      break
    }
  }
  if (matched.length === 0) return 0
  const inOrder = [...taken].toSorted((a, b) => a - b).map(at => other[at])
  const moved = matched.filter((letter, index) => letter !== inOrder[index]).length / 2
  const count = matched.length
  return (count / one.length + count / other.length + (count - moved) / count) / 3
}
