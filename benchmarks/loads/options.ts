import { parseArgs } from 'node:util'

export type OptionKind = 'number' | 'string' | 'boolean'

/** What was said of these settings on a command line; recordBytes is --record-bytes. */
export function givenOptions(
  args: readonly string[],
  kinds: Readonly<Record<string, OptionKind>>,
): Record<string, unknown> {
  const names = Object.keys(kinds)
  const { values } = parseArgs({
    args: [...args],
    options: Object.fromEntries(
      names.map(name => [dashed(name), { type: kinds[name] === 'boolean' ? 'boolean' : 'string' }]),
    ),
  })
  const given: Record<string, unknown> = {}
  for (const name of names) {
    const value = values[dashed(name)]
    if (value !== undefined) given[name] = kinds[name] === 'number' ? Number(value) : value
  }
  return given
}

/** The kinds of the numbers and texts among settings. */
export function kindsOf(settings: object): Record<string, OptionKind> {
  const kinds: Record<string, OptionKind> = {}
  for (const [name, value] of Object.entries(settings)) {
    if (typeof value === 'number') kinds[name] = 'number'
    else if (typeof value === 'string') kinds[name] = 'string'
  }
  return kinds
}

const dashed = (name: string): string => name.replace(/[A-Z]/g, one => `-${one.toLowerCase()}`)
