/** How a reply is shown so that two servers can show the same, where they may differ. */
export type Mask =
  | { readonly kind: 'sorted' | 'pairs' | 'type' | 'count' }
  | { readonly kind: 'round'; readonly unit: number }
  | { readonly kind: 'only'; readonly names: readonly string[] }
  | { readonly kind: 'hide'; readonly pattern: RegExp }

export type Step = {
  /** As it stands in the script. */
  readonly line: string
  readonly client: string
  readonly does: Deed
  /** What Sabir answers where it is meant to differ: by RESP version, or in both. */
  readonly sabir: Partial<Record<2 | 3, string>>
}

export type Deed =
  | {
      readonly kind: 'command' | 'raw'
      readonly words: readonly string[]
      readonly masks: readonly Mask[]
      /** Names the reply: `{name}` in later words stands for it. */
      readonly variable: string | undefined
      readonly times: number
      /** On the keys of the fixture, as they were made; what changed is shown behind the reply. */
      readonly isFresh: boolean
      readonly isAwaited: boolean
    }
  | { readonly kind: 'next'; readonly masks: readonly Mask[] }
  | { readonly kind: 'nothing' | 'closed' | 'close' }
  | { readonly kind: 'wait'; readonly ms: number }

export type Section = {
  readonly name: string
  readonly versions: readonly (2 | 3)[]
  /** Later than what is recorded from: then only the script says what is expected. */
  readonly since: string | undefined
  readonly steps: readonly Step[]
}

/** Reads a script; README.md tells what may stand in one. */
export function parseScript(text: string, path: string): Section[] {
  const sections: Section[] = []
  let steps: Step[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const fail = (why: string): never => {
      throw new Error(`${path}:${index + 1}: ${why}: ${line}`)
    }
    if (line.trim() === '' || line.startsWith('#')) continue
    const heading = /^== (?:\[(resp[23])\] )?(?:\[since ([\d.]+)\] )?(.+)$/.exec(line)
    if (heading !== null) {
      const [, version, since, name = ''] = heading
      steps = []
      const versions: (2 | 3)[] = version === undefined ? [2, 3] : version === 'resp2' ? [2] : [3]
      if (sections.some(other => other.name === name)) fail('a second section of that name')
      sections.push({ name, versions, since, steps })
      continue
    }
    if (sections.length === 0) fail('a section has to begin with "== name"')
    const expected = /^=([23]?) (.*)$/.exec(line)
    if (expected === null) {
      steps.push(parseStep(line, fail))
      continue
    }
    const last = steps.at(-1) ?? fail('nothing to expect it of')
    const [, version, shown = ''] = expected
    if (version !== '3') last.sabir[2] = shown
    if (version !== '2') last.sabir[3] = shown
  }
  return sections
}

type Fail = (why: string) => never

function parseStep(line: string, fail: Fail): Step {
  const named = /^([a-z]\w*)([<>!]) ?(.*)$/.exec(line)
  const [client, sign, rest] = named === null ? ['main', '>', line] : named.slice(1)
  const step = { line, client: client!, sabir: {} }
  if (sign === '<') return { ...step, does: parseAwaited(rest!, fail) }
  if (sign === '!') {
    if (rest !== 'close') fail('only "close" is known')
    return { ...step, does: { kind: 'close' } }
  }
  const wait = /^wait (\d+)$/.exec(rest!)
  if (wait !== null) return { ...step, does: { kind: 'wait', ms: Number(wait[1]) } }
  return { ...step, does: parseCommand(rest!, fail) }
}

function parseAwaited(text: string, fail: Fail): Deed {
  const words = splitWords(text, fail)
  if (words[0] === 'nothing' || words[0] === 'closed') return { kind: words[0] }
  return { kind: 'next', masks: words.map(word => parseMask(word, fail)) }
}

function parseCommand(text: string, fail: Fail): Deed {
  let rest = text
  let variable: string | undefined
  let times = 1
  let isAwaited = true
  let isFresh = false
  const masks: Mask[] = []
  for (;;) {
    const prefix = /^(~\S+|&|fresh|let \w+|times \d+) /.exec(rest)?.[1]
    if (prefix === undefined) break
    rest = rest.slice(prefix.length + 1)
    if (prefix.startsWith('~')) masks.push(parseMask(prefix, fail))
    else if (prefix.startsWith('let')) variable = prefix.slice(4)
    else if (prefix.startsWith('times')) times = Number(prefix.slice(6))
    else if (prefix === 'fresh') isFresh = true
    else isAwaited = false
  }
  const kind = rest.startsWith('raw ') ? 'raw' : 'command'
  const words = splitWords(kind === 'raw' ? rest.slice(4) : rest, fail)
  return { kind, words, masks, variable, times, isFresh, isAwaited }
}

function parseMask(word: string, fail: Fail): Mask {
  const [, name = '', argument = ''] = /^~(\w+):?(.*)$/.exec(word) ?? []
  switch (name) {
    case 'sorted':
    case 'pairs':
    case 'type':
    case 'count':
      return { kind: name }
    case 'round':
      return { kind: name, unit: Number(argument) }
    case 'only':
      return { kind: name, names: argument.split(',') }
    case 'hide':
      return { kind: name, pattern: new RegExp(argument, 'g') }
    default:
      return fail(`"${word}" is no mask`)
  }
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  a: '\x07',
  b: '\b',
}

/** Words as redis-cli takes them apart; `@5000:x` stands for five thousand times x. */
function splitWords(text: string, fail: Fail): string[] {
  const words: string[] = []
  const word = /\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s"']\S*))(?=\s|$)/y
  const trimmed = Buffer.from(text.trim()).toString('latin1')
  while (word.lastIndex < trimmed.length) {
    const found = word.exec(trimmed)
    if (found === null) return fail('unbalanced quotes')
    const [, double, single, plain] = found
    if (double !== undefined)
      words.push(
        double.replaceAll(/\\(?:x([0-9a-fA-F]{2})|(.))/g, (_, hex?: string, char = '') =>
          hex === undefined
            ? (escapes[char] ?? char)
            : String.fromCharCode(Number.parseInt(hex, 16)),
        ),
      )
    else if (single !== undefined) words.push(single.replaceAll("\\'", "'"))
    else words.push(repeated(plain!))
  }
  return words
}

function repeated(word: string): string {
  const [, count, text] = /^@(\d+):(.+)$/.exec(word) ?? []
  return text === undefined ? word : text.repeat(Number(count))
}
