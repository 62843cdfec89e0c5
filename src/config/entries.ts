import { closest } from './closest.ts'
import { ConfigError } from './errors.ts'
import { flagOf, options, variableOf, type OptionKey } from './options.ts'

/** A value somebody gave, not checked yet, and where they gave it. */
export type Entry = { readonly value: unknown; readonly origin: string }
export type Entries = Map<OptionKey, Entry>

/** Variables with our prefix that are no option: they say where something else is. */
const otherVariables = new Set(['SABIR_CONFIG', 'SABIR_BROKER'])

export function entriesOfEnvironment(env: Readonly<Record<string, string | undefined>>): Entries {
  const entries: Entries = new Map()
  const keys = new Map(options.map(({ key }) => [variableOf(key), key]))
  for (const [name, value] of Object.entries(env)) {
    if (!name.startsWith('SABIR_') || otherVariables.has(name) || value === undefined) continue
    const key = keys.get(name)
    if (key === undefined) throw unknown(`environment variable ${name}`, name, keys.keys())
    if (value !== '') entries.set(key, { value, origin: `environment variable ${name}` })
  }
  return entries
}

/**
 * Reads `--kafka-port 9093`, `--kafka-port=9093`, `--insecure`. By hand, and not with the library
 * of the other commands, because starting the broker should not wait for that to load.
 */
export function entriesOfFlags(words: readonly string[]): { entries: Entries; config?: string } {
  const entries: Entries = new Map()
  const keys = new Map(options.map(({ key }) => [flagOf(key), key]))
  let config: string | undefined
  for (let index = 0; index < words.length; index++) {
    const [flag, inline] = splitFlag(words[index]!)
    const key = keys.get(flag)
    if (key === undefined && flag !== '--config')
      throw unknown(`flag ${words[index]}`, flag, [...keys.keys(), '--config'])
    const following = words[index + 1]
    const isSwitch = options.find(option => option.key === key)?.kind === 'boolean'
    let value = inline
    if (value === undefined && isSwitch && !/^(true|false|yes|no)$/.test(following ?? ''))
      value = 'true'
    if (value === undefined) {
      index++
      if (following === undefined) throw new ConfigError(`flag ${flag} needs a value`)
      value = following
    }
    if (key === undefined) config = value
    else entries.set(key, { value, origin: `flag ${flag}` })
  }
  return config === undefined ? { entries } : { entries, config }
}

function splitFlag(word: string): [flag: string, inline: string | undefined] {
  const equals = word.indexOf('=')
  return equals < 0 ? [word, undefined] : [word.slice(0, equals), word.slice(equals + 1)]
}

/** Names what is wrong and, where one is near, what was probably meant. */
export function unknown(what: string, wrong: string, names: Iterable<string>): ConfigError {
  const meant = closest(wrong, names)
  const hint = meant === undefined ? 'See docs/configuration.md.' : `Did you mean ${meant}?`
  return new ConfigError(`${what} is not known. ${hint}`)
}
