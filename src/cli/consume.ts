import { Option, type Command } from 'commander'
import { nodePlatform } from '../platform/index.ts'
import type { Client } from './client/client.ts'
import { Fetcher } from './client/fetcher.ts'
import { Member } from './client/member.ts'
import { startPositions, type PositionFlags } from './consume-from.ts'
import { CommandError } from './error.ts'
import { exitCodes } from './exit-codes.ts'
import { formatHelp, formatOf, type Format, type Received } from './format.ts'
import {
  pointInTime,
  positiveNumber,
  timeSpan,
  wholeNumber,
  withBroker,
  withClient,
  type CommonFlags,
} from './options.ts'
import type { Output } from './output.ts'
import { openProgress, type Progress } from './progress.ts'

const WAIT_MS_MAX = 500
const HEARTBEAT_MS = 3000

export type Flags = CommonFlags &
  PositionFlags & {
    readonly group?: string
    readonly max?: number
    readonly timeout?: number
    readonly follow?: true
    readonly format: string
  }

export function define(program: Command): void {
  withBroker(program.command('consume'))
    .description('read records; without a position: those that come from now on')
    .argument('<topic>')
    .option('-b, --from-beginning', 'from the oldest record on')
    .option('-o, --offset <n>', 'from this offset on', wholeNumber)
    .option(
      '-t, --from-time <time>',
      'from this time on: a date, or "5m" for five ago',
      pointInTime,
    )
    .option('-l, --last <n>', 'the newest n records', positiveNumber)
    .option('-p, --partition <n>', 'only this partition', wholeNumber)
    .option('-g, --group <name>', 'as a member of a group: from where it stands, and commit')
    .option('-m, --max <n>', 'stop after n records', positiveNumber)
    .option('--timeout <time>', 'stop when nothing comes for so long', timeSpan)
    .option('-f, --follow', 'go on at the end, waiting for more')
    .addOption(new Option('--format <format>', 'value, json or a template').default('value'))
    .addHelpText(
      'after',
      `\nWith a position, reading stops at the end unless --follow.\n${formatHelp}`,
    )
    .action(run)
}

function run(topic: string, flags: Flags): Promise<void> {
  const format = formatOf(flags.json === true ? 'json' : flags.format)
  return withClient(flags, async (client, output) => {
    const reading = new Reading({ client, output, topic, flags, format })
    const stop = (): void => reading.stop()
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop)
    try {
      await (flags.group === undefined ? reading.alone() : reading.inGroup(flags.group))
    } finally {
      for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, stop)
    }
    if (flags.max !== undefined && reading.count < flags.max && reading.isTimedOut)
      process.exitCode = exitCodes.timedOut
  })
}

type Parts = {
  readonly client: Client
  readonly output: Output
  readonly topic: string
  readonly flags: Flags
  readonly format: Format
}

/** One run of `consume`: reads, writes, and knows when it is enough. */
class Reading {
  readonly #parts: Parts
  #isStopped = false
  #lastRecordAt = nodePlatform.clock.elapsed()
  isTimedOut = false
  count = 0

  constructor(parts: Parts) {
    this.#parts = parts
  }

  stop(): void {
    this.#isStopped = true
  }

  /** Without a group: all partitions, to the end that was there at the start, or for ever. */
  async alone(): Promise<void> {
    const { client, topic, flags } = this.#parts
    const { from, to } = await startPositions(client, topic, flags)
    const fetcher = new Fetcher(client, topic, from)
    const isEndless = flags.follow === true || to === null
    const total =
      to === null ? 0 : [...to].reduce((sum, [key, end]) => sum + end - from.get(key)!, 0)
    const progress = await this.#progress(isEndless ? 0 : total)
    try {
      if (flags.last !== undefined && to !== null) await this.#last(fetcher, to, flags.last)
      for (;;) {
        const open = isEndless ? [...from.keys()] : unread(fetcher, to)
        if (open.length === 0 || this.#isDone) return
        await this.#round(fetcher, open, to === null || isEndless ? null : to)
        progress.update(this.count)
      }
    } finally {
      progress.stop()
    }
  }

  /** As a member of a group: the share it is given, from where the group stands. */
  async inGroup(group: string): Promise<void> {
    const { client, topic, flags } = this.#parts
    if (flags.partition !== undefined)
      throw new CommandError('usage', '--partition and --group exclude each other: groups share')
    const member = new Member(client, group, topic)
    await client.partitionsOf(topic)
    try {
      while (!this.#isDone) await this.#generation(member)
    } finally {
      if (member.memberId !== '') await member.leave()
    }
  }

  /** From one sharing out of the partitions to the next. */
  async #generation(member: Member): Promise<void> {
    const { client, topic, flags } = this.#parts
    const own = await member.join()
    const { from, to } = await startPositions(client, topic, { ...flags, only: own })
    for (const [partition, offset] of await member.committed(own)) from.set(partition, offset)
    const fetcher = new Fetcher(client, topic, from)
    const isEndless = flags.follow === true || to === null
    let beatAt = nodePlatform.clock.elapsed()
    let isMember = true
    while (isMember && !this.#isDone) {
      const open = isEndless ? own : unread(fetcher, to)
      if (open.length === 0 && !isEndless) this.stop()
      else if (open.length === 0)
        await new Promise<void>(resolve => void nodePlatform.timers.after(WAIT_MS_MAX, resolve))
      else await this.#round(fetcher, open, null)
      if (nodePlatform.clock.elapsed() - beatAt < HEARTBEAT_MS) continue
      await member.commit(fetcher.positions)
      isMember = await member.heartbeat()
      beatAt = nodePlatform.clock.elapsed()
    }
    if (isMember) await member.commit(this.#reached(fetcher))
  }

  /** Positions behind the last record that was written out, when `--max` cut a batch. */
  #reached(fetcher: Fetcher): ReadonlyMap<number, number> {
    return new Map([...fetcher.positions, ...this.#cut])
  }
  readonly #cut = new Map<number, number>()

  async #round(
    fetcher: Fetcher,
    open: readonly number[],
    to: ReadonlyMap<number, number> | null,
  ): Promise<void> {
    const fetched = await fetcher.next(open, this.#waitMs)
    for (const { partition, records } of fetched) {
      const end = to?.get(partition) ?? Infinity
      for (const record of records) {
        if (this.#isFull || this.#isStopped) {
          if (!this.#cut.has(partition)) this.#cut.set(partition, record.offset)
          break
        }
        if (record.offset < end) await this.#write({ topic: this.#parts.topic, partition, record })
      }
    }
    const now = nodePlatform.clock.elapsed()
    if (fetched.some(({ records }) => records.length > 0)) this.#lastRecordAt = now
    const { timeout } = this.#parts.flags
    this.isTimedOut = timeout !== undefined && now - this.#lastRecordAt >= timeout
  }

  /** Of several partitions the newest n all together, in order of time. */
  async #last(fetcher: Fetcher, to: ReadonlyMap<number, number>, count: number): Promise<void> {
    let newest: Received[] = []
    for (let open = unread(fetcher, to); open.length > 0 && !this.#isStopped; ) {
      for (const { partition, records } of await fetcher.next(open, this.#waitMs))
        for (const record of records)
          if (record.offset < (to.get(partition) ?? 0))
            newest.push({ topic: this.#parts.topic, partition, record })
      newest = newest.toSorted(byTime).slice(-count)
      open = unread(fetcher, to)
    }
    for (const received of newest) if (!this.#isFull) await this.#write(received)
  }

  async #write(received: Received): Promise<void> {
    this.count++
    await this.#parts.output.write(this.#parts.format(received))
  }

  #progress(total: number): Promise<Progress> {
    // Records on the same terminal are progress enough.
    return this.#parts.output.isTerminal
      ? Promise.resolve({ update() {}, stop() {} })
      : openProgress('reading', total)
  }

  get #isFull(): boolean {
    return this.count >= (this.#parts.flags.max ?? Infinity)
  }

  get #isDone(): boolean {
    return this.#isStopped || this.isTimedOut || this.#isFull
  }

  get #waitMs(): number {
    return Math.min(WAIT_MS_MAX, this.#parts.flags.timeout ?? WAIT_MS_MAX)
  }
}

const byTime = (one: Received, other: Received): number =>
  one.record.timestamp - other.record.timestamp || one.record.offset - other.record.offset

/** Partitions that have not been read to the end yet. */
function unread({ positions }: Fetcher, to: ReadonlyMap<number, number> | null): number[] {
  return [...positions.keys()].filter(key => positions.get(key)! < (to?.get(key) ?? Infinity))
}
