import type { Argument, Documented } from '../compare/documented.ts'

/** A number from 0 up to, but not including, 1. */
export type Random = () => number

const pick = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)]!

const keysOf: Readonly<Record<string, readonly string[]>> = {
  list: ['l1', 'l2', 'l3'],
  set: ['s1', 's2', 's3'],
  'sorted-set': ['z1', 'z2', 'z3'],
  hash: ['h1', 'h2'],
  stream: ['x1', 'x2'],
  geo: ['g1', 'g2'],
  hyperloglog: ['p1', 'p2'],
  string: ['t1', 't2', 't3'],
  bitmap: ['t1', 't2', 't3'],
}
const keys = Object.values(keysOf).flat()

/** By name of the argument, when its type does not say enough. No time that passes meanwhile. */
const named: Readonly<Record<string, readonly string[]>> = {
  timeout: ['0.001', '0.001', '0.001', '-1', 'abc'],
  seconds: ['100000', '100000', '-1', '0', 'abc'],
  milliseconds: ['100000000', '100000000', '-1', '0', 'abc'],
  group: ['g1', 'g2', 'g1'],
  groupname: ['g1', 'g2', 'g1'],
  consumer: ['c1', 'c2'],
  consumername: ['c1', 'c2'],
  cursor: ['0'],
  'min-idle-time': ['0', '100000000', 'abc'],
  unit: ['m', 'km', 'mi', 'x'],
  longitude: ['13.5', '-122.4', '181', 'a'],
  latitude: ['38', '37.7', '90', 'a'],
  encoding: ['u8', 'i5', 'u63', 'i64', 'u64', 'x'],
  count: ['1', '2', '3', '10', '0', '-1', '-2'],
  start: ['0', '1', '-2', '-', '(1', '[a', '-inf', '1-1', '(2-1'],
  stop: ['-1', '2', '0', '+', '(3', '[c', '+inf', '5-1', '1'],
  end: ['-1', '2', '0', '+', '5-1', '1'],
  min: ['-inf', '1', '(1', '[a', '-', '0'],
  max: ['+inf', '3', '(3', '[c', '+', '2'],
  id: ['1-1', '2-1', '3', '0-0', '5-5', '$', '>', '0', '2-*', 'x'],
  'last-id': ['1-1', '4-0', '100-0'],
  threshold: ['0', '1', '3', '2-1'],
}
const texts = [
  'a',
  'b',
  'c',
  'd',
  '',
  '1',
  '2',
  '10',
  '-5',
  '3.5',
  'a b',
  '\x01\xff',
  'x'.repeat(60),
]
const integers = ['0', '1', '2', '3', '-1', '-2', '5', '100', '9223372036854775807', 'abc', '1.5']
const doubles = ['0', '1', '1', '2.5', '-3', '1e3', 'inf', '-inf', 'nan', '0.1', 'abc']
const times: Readonly<Record<string, readonly string[]>> = {
  s: ['4102444800', '1', '-1', 'abc'],
  ms: ['4102444800000', '1', '0', 'abc'],
}
const patterns = ['*', 'a*', '?', '[ab]', 'h*', '[^a]*', 'nosort', 'h1->*']

/** Makes words of a command as its description says, most of the time. */
export class Sentences {
  readonly #random: Random
  readonly #commands: readonly Documented[]

  constructor(random: Random, commands: readonly Documented[]) {
    this.#random = random
    this.#commands = commands
  }

  next(): string[] {
    const command = pick(this.#random, this.#commands)
    const own = keysOf[command.group] ?? keys
    const words = command.args.flatMap(arg => this.#words(arg, own))
    this.#count(words)
    if (!mayBlock.test(command.name) && this.#chance(0.06)) this.#spoil(words)
    return [...command.name.split('|'), ...words]
  }

  #chance(share: number): boolean {
    return this.#random() < share
  }

  #words(arg: Argument, own: readonly string[]): string[] {
    const { flags } = arg
    if (flags.includes('optional') && !this.#chance(0.35)) return []
    const token = arg.token === undefined || arg.type === 'pure-token' ? [] : [arg.token]
    let times = 1
    if (flags.includes('multiple')) while (times < 4 && this.#chance(0.45)) times++
    const words: string[] = []
    for (let index = 0; index < times; index++) {
      if (index === 0 || flags.includes('multiple_token')) words.push(...token)
      words.push(...this.#value(arg, own))
    }
    return words
  }

  #value(arg: Argument, own: readonly string[]): string[] {
    switch (arg.type) {
      case 'pure-token':
        return [arg.token ?? arg.name]
      case 'oneof':
        return this.#words(pick(this.#random, arg.parts), own)
      case 'block':
        return arg.parts.flatMap(part => this.#words(part, own))
      case 'key':
        return [this.#chance(0.06) ? pick(this.#random, keys) : pick(this.#random, own)]
      default:
        return [this.#text(arg)]
    }
  }

  #text({ name, type, token }: Argument): string {
    if (token === 'BLOCK') return '1'
    if (token === 'RETRYCOUNT' || token === 'IDLE') return '3'
    if (name === 'numkeys') return NUMKEYS
    const known = named[name]
    if (known !== undefined && (never.test(name) || this.#chance(0.95)))
      return pick(this.#random, known)
    if (type === 'integer') return pick(this.#random, integers)
    if (type === 'double') return pick(this.#random, doubles)
    if (type === 'unix-time') return pick(this.#random, times[name.includes('milli') ? 'ms' : 's']!)
    return pick(this.#random, type === 'pattern' ? patterns : texts)
  }

  /** `numkeys` is most often as many keys as there are. */
  #count(words: string[]): void {
    const at = words.indexOf(NUMKEYS)
    if (at === -1) return
    let end = at + 1
    while (end < words.length && keys.includes(words[end]!)) end++
    const isWrong = this.#chance(0.05)
    words[at] = isWrong ? pick(this.#random, integers) : String(end - at - 1)
  }

  /** Leaves one out, says one twice, or lets two change places. */
  #spoil(words: string[]): void {
    const at = Math.floor(this.#random() * words.length)
    const dice = this.#random()
    if (dice < 0.4) words.splice(at, 1)
    else if (dice < 0.7) words.splice(at, 0, words[at] ?? 'x')
    else words.push(...words.splice(at, 1))
  }
}

/** These would wait for ever with another word in the place of the time. */
const mayBlock = /^(b[lrz]|xread)/

/** Waiting for ever, and names that C ends at their first zero byte. */
const never = /^timeout$|^group/

const NUMKEYS = '(numkeys)'
