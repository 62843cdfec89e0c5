export type SwitchKind = 'text' | 'flag' | 'integer'
export type Switches = Readonly<Record<string, SwitchKind>>

/** Every command takes these, whether it uses them or not. */
export const commonSwitches: Switches = {
  node: 'text',
  quiet: 'flag',
  silent: 'flag',
  vhost: 'text',
  timeout: 'integer',
  longnames: 'flag',
  formatter: 'text',
  printer: 'text',
  file: 'text',
  script_name: 'text',
  erlang_cookie: 'text',
  help: 'flag',
  dry_run: 'flag',
  print_stacktrace: 'flag',
  table_headers: 'flag',
  /** Sabir's own: the data folder of the broker. */
  data: 'text',
}

const commonAliases: Readonly<Record<string, string>> = {
  p: 'vhost',
  n: 'node',
  q: 'quiet',
  s: 'silent',
  l: 'longnames',
  t: 'timeout',
  '?': 'help',
}

export type Options = Readonly<Record<string, string | number | boolean | undefined>>

export type Parsed = {
  readonly words: readonly string[]
  readonly options: Options
  /** What no switch takes, with the value it was given. */
  readonly invalid: readonly (readonly [name: string, value: string])[]
}

/** Switches may stand anywhere; `--` ends them, and numbers below zero are none. */
export function parseWords(
  input: readonly string[],
  own: Switches = {},
  aliases: Readonly<Record<string, string>> = {},
): Parsed {
  const kinds = { ...commonSwitches, ...own }
  const names = { ...commonAliases, ...aliases }
  const words: string[] = []
  const options: Record<string, string | number | boolean> = {}
  const invalid: [string, string][] = []
  for (let at = 0; at < input.length; at++) {
    const word = input[at]!
    if (word === '--') {
      words.push(...input.slice(at + 1))
      break
    }
    if (!isSwitch(word)) {
      words.push(word)
      continue
    }
    const { name, given } = split(word)
    const key = word.startsWith('--') ? name.replaceAll('-', '_') : names[name]
    const negated = key?.startsWith('no_') === true ? key.slice(3) : undefined
    if (negated !== undefined && given === undefined && kinds[negated] === 'flag') {
      options[negated] = false
      continue
    }
    const kind = key === undefined ? undefined : kinds[key]
    if (key === undefined || kind === undefined) {
      invalid.push([word.split('=', 1)[0]!, given ?? ''])
      continue
    }
    let value = given
    if (kind !== 'flag' && value === undefined) {
      const next = input[at + 1]
      if (next !== undefined && !isSwitch(next)) {
        value = next
        at++
      }
    }
    const read = readValue(kind, value)
    if (read === undefined) invalid.push([word.split('=', 1)[0]!, value ?? ''])
    else options[key] = read
  }
  return { words, options, invalid }
}

const isSwitch = (word: string): boolean =>
  word.startsWith('-') && word !== '-' && !/^-\d+(\.\d+)?$/.test(word)

function split(word: string): { readonly name: string; readonly given: string | undefined } {
  const bare = word.replace(/^--?/, '')
  const equals = bare.indexOf('=')
  if (equals < 0) return { name: bare, given: undefined }
  return { name: bare.slice(0, equals), given: bare.slice(equals + 1) }
}

function readValue(
  kind: SwitchKind,
  value: string | undefined,
): string | number | boolean | undefined {
  if (kind === 'flag') {
    if (value === undefined || value === 'true') return true
    return value === 'false' ? false : undefined
  }
  if (kind === 'text') return value
  return value !== undefined && /^-?\d+$/.test(value) ? Number(value) : undefined
}
