import { badArgument, type Call, type Command } from '../command.ts'
import { ArgumentError } from '../command.ts'

const section = 'configuration'

const powers: Readonly<Record<string, number>> = {
  '': 1,
  k: 2 ** 10,
  kib: 2 ** 10,
  kb: 1e3,
  m: 2 ** 20,
  mib: 2 ** 20,
  mb: 1e6,
  g: 2 ** 30,
  gib: 2 ** 30,
  gb: 1e9,
  t: 2 ** 40,
  tib: 2 ** 40,
  tb: 1e12,
}

/** "2GB" in bytes. Throws ArgumentError. */
function bytesOf(text: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/i.exec(text) ?? []
  const power = powers[unit.toLowerCase()]
  if (number === '' || power === undefined) throw badArgument()
  return Math.round(Number(number) * power)
}

function numberOf(text: string | undefined): number {
  if (text !== undefined && /^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  throw badArgument()
}

/** A fraction of all memory, or `absolute` and bytes. */
function watermarkOf([first, second, ...rest]: readonly string[]): object {
  if (first === 'absolute') {
    if (second === undefined) throw new ArgumentError('not enough arguments.')
    if (rest.length > 0) throw new ArgumentError('too many arguments.')
    return { bytes: bytesOf(second) }
  }
  if (second !== undefined) throw new ArgumentError('too many arguments.')
  const fraction = numberOf(first)
  if (fraction < 0 || fraction > 1)
    throw badArgument('The threshold should be a fraction between 0.0 and 1.0')
  return { fraction }
}

function diskLimitOf([first = '', second, ...rest]: readonly string[]): object {
  if (first !== 'mem_relative') {
    if (second !== undefined) throw new ArgumentError('too many arguments.')
    return { bytes: bytesOf(first) }
  }
  if (second === undefined) throw new ArgumentError('not enough arguments.')
  if (rest.length > 0) throw new ArgumentError('too many arguments.')
  const memoryShare = numberOf(second)
  if (memoryShare < 0) throw badArgument()
  return { memoryShare }
}

const diskText = ({ args: [first, second] }: Call): string =>
  first === 'mem_relative' ? `${second} times the total RAM` : `${first} bytes`

export const commands: readonly Command[] = [
  {
    name: 'set_vm_memory_high_watermark',
    usage: '<fraction> | absolute <value>',
    about: 'Above so much memory, publishers have to wait; until the broker stops',
    section,
    words: [1, 3],
    check: ({ args }) => void watermarkOf(args),
    banner: ({ args: [first, second], node }) =>
      first === 'absolute'
        ? `Setting memory threshold on ${node} to ${second} bytes ...`
        : `Setting memory threshold on ${node} to ${first} ...`,
    run: async ({ args, ask }) => void (await ask('set-memory-watermark', watermarkOf(args))),
  },
  {
    name: 'set_disk_free_limit',
    usage: '<disk_limit> | mem_relative <fraction>',
    about: 'With less room on the disk, publishers have to wait; until the broker stops',
    section,
    words: [1, 3],
    check: ({ args }) => void diskLimitOf(args),
    banner: call => `Setting disk free limit on ${call.node} to ${diskText(call)} ...`,
    run: async ({ args, ask }) => void (await ask('set-disk-free-min', diskLimitOf(args))),
  },
]
