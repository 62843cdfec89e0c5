import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { launch } from '../../clients/brokers.ts'
import { redisServer } from '../../clients/resp/redis-server.ts'
import { type Argument, type Documented, documentedCommands } from './documented.ts'
import { isDeterministic } from './untold.ts'

/**
 * Writes scripts/all-*.txt: each command that redis-server documents, in every form that its
 * description allows and in some that it does not.
 *
 *   npx tsx test/resp/compare/generate.ts && npx tsx test/resp/compare/record.ts
 */

/** Commands whose replies are chance or time. */
const masks: readonly (readonly [commands: RegExp, mask: string])[] = [
  [/^(srandmember|hrandfield|zrandmember|dump|lastsave)$/, '~type '],
  [/^(smembers|sinter|sunion|sdiff|keys)$/, '~sorted '],
  [/^(ttl|pttl|expiretime|pexpiretime)$/, '~round:1000 '],
]
const numbersTold = ['abc', '""', '-1', '0', '9223372036854775807', '9223372036854775808', '1.5']
const doublesTold = ['abc', '""', '-1', '1e3', 'inf', '-inf', 'nan', '1e400', '0x10', '" 1"']
const keysTold = ['str', 'num', 'list', 'set', 'zset', 'hash', 'stream', 'missing']

/** The keys that a group's commands are meant for, in the order in which one asks for them. */
const keysOf: Readonly<Record<string, readonly string[]>> = {
  list: ['list', 'list2'],
  set: ['set', 'set2'],
  'sorted-set': ['zset', 'zset2'],
  hash: ['hash', 'hash'],
  stream: ['stream', 'stream2'],
  geo: ['geo', 'geo2'],
  hyperloglog: ['hll', 'hll2'],
  string: ['num', 'str'],
  bitmap: ['str', 'num'],
}

const values: Readonly<Record<string, string>> = {
  timeout: '0.01',
  milliseconds: '100000',
  seconds: '100000',
  numkeys: '1',
  group: 'group',
  consumer: 'c1',
  cursor: '0',
  field: 'f1',
  member: 'a',
  element: 'b',
  pivot: 'b',
  start: '0',
  stop: '2',
  'min-idle-time': '0',
  id: '1-1',
  'last-id': '9-0',
  entriesread: '1',
  unit: 'm',
  longitude: '13.5',
  latitude: '38',
  encoding: 'u8',
}

/** One form of a command: its words, and of each whether it is a number, a key, or neither. */
type Form = readonly { readonly text: string; readonly type: string }[]

class Forms {
  readonly #keys: readonly string[]
  #keyNext = 0

  constructor(group: string) {
    this.#keys = keysOf[group] ?? ['str', 'missing']
  }

  /** All required words, options that are chosen, and everything else left out. */
  of(args: readonly Argument[], chosen: ReadonlyMap<Argument, number>): Form {
    this.#keyNext = 0
    return args.flatMap(arg => this.#one(arg, chosen))
  }

  #one(arg: Argument, chosen: ReadonlyMap<Argument, number>): Form {
    const choice = chosen.get(arg)
    if (arg.flags.includes('optional') && choice === undefined) return []
    const token = arg.token === undefined || arg.type === 'pure-token' ? [] : [tokenOf(arg.token)]
    return [...token, ...this.#value(arg, choice, chosen)]
  }

  #value(arg: Argument, choice = 0, chosen: ReadonlyMap<Argument, number>): Form {
    switch (arg.type) {
      case 'pure-token':
        return [tokenOf(arg.token ?? arg.name)]
      case 'oneof':
        return this.#one(arg.parts[choice] ?? arg.parts[0]!, chosen)
      case 'block':
        return arg.parts.flatMap(part => this.#one(part, chosen))
      case 'key':
        return [
          { text: this.#keys[Math.min(this.#keyNext++, this.#keys.length - 1)]!, type: 'key' },
        ]
      case 'integer':
        return [{ text: values[arg.name] ?? '1', type: 'integer' }]
      case 'double':
        return [{ text: values[arg.name] ?? '1.5', type: 'double' }]
      case 'unix-time':
        return [{ text: /milli/.test(arg.name) ? '4102444800000' : '4102444800', type: 'integer' }]
      case 'pattern':
        return [{ text: '*', type: 'string' }]
      default:
        return [{ text: values[arg.name] ?? (arg.name === 'min' ? '-' : 'a'), type: 'string' }]
    }
  }
}

const tokenOf = (text: string): Form[number] => ({ text: text === '' ? '""' : text, type: 'token' })

/** Each option and each alternative of a choice, however deep. */
function choicesOf(args: readonly Argument[]): [Argument, number][] {
  return args.flatMap(arg => {
    const own: [Argument, number][] =
      arg.type === 'oneof'
        ? arg.parts.map((_, index): [Argument, number] => [arg, index])
        : arg.flags.includes('optional')
          ? [[arg, 0]]
          : []
    return [...own, ...choicesOf(arg.parts)]
  })
}

function linesOf({ name, group, args }: Documented): string[] {
  const forms = new Forms(group)
  const base = forms.of(args, new Map())
  const choices = choicesOf(args)
  const lines = new Set<string>()
  const told = (form: Form): void => void lines.add(form.map(({ text }) => text).join(' '))
  const replaced = (form: Form, at: number, text: string): void =>
    told(form.map((word, index) => (index === at ? { ...word, text } : word)))
  for (let count = 0; count <= base.length; count++) told(base.slice(0, count))
  told([...base, tokenOf('extra')])
  const firstKey = base.findIndex(({ type }) => type === 'key')
  if (firstKey !== -1) for (const key of keysTold) replaced(base, firstKey, key)
  const alone = choices.map(([arg, index]) => forms.of(args, new Map([[arg, index]])))
  for (const form of [base, ...alone]) {
    for (const [at, { type }] of form.entries()) {
      if (type === 'integer') for (const text of numbersTold) replaced(form, at, text)
      if (type === 'double') for (const text of doublesTold) replaced(form, at, text)
    }
    told(form)
    told(form.slice(0, -1))
  }
  for (const [one, first] of choices)
    for (const [other, second] of choices)
      if (one !== other && lines.size < LINES_MAX)
        told(
          forms.of(
            args,
            new Map([
              [one, first],
              [other, second],
            ]),
          ),
        )
  const mask = masks.find(([commands]) => commands.test(name))?.[1] ?? ''
  return [...lines].map(line =>
    `fresh ${mask}${name.replace('|', ' ').toUpperCase()} ${line}`.trim(),
  )
}

const LINES_MAX = 150

async function generate(): Promise<void> {
  const broker = await launch(redisServer())
  const groups = new Map<string, string[]>()
  try {
    for (const command of await documentedCommands(broker.address)) {
      const { name, group } = command
      if (!isDeterministic(name)) continue
      const lines = groups.get(group) ?? ['# Written by generate.ts.']
      groups.set(group, lines)
      lines.push('', `== [resp3] ${name}, generated`, ...linesOf(command))
    }
  } finally {
    await broker.stop()
  }
  const folder = join(import.meta.dirname, 'scripts')
  mkdirSync(folder, { recursive: true })
  for (const [group, lines] of groups)
    writeFileSync(join(folder, `all-${group}.txt`), `${lines.join('\n')}\n`)
}

await generate()
