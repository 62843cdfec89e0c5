import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import {
  ClientError,
  type Driver,
  type DriverKind,
  type Found,
  type Operations,
} from '../../driver.ts'
import { run } from '../../../build.ts'
import { RecordInbox } from '../inbox.ts'
import { kafkajsKind } from '../kafkajs/driver.ts'

/** One line of `kcat -J`. */
type Line = {
  partition: number
  offset: number
  ts: number
  key: string | null
  payload: string | null
  headers?: string[]
}
type Metadata = {
  brokers: unknown[]
  controllerid: number
  topics: { topic: string; partitions: unknown[] }[]
}
type Member = { child: ChildProcess; inbox: RecordInbox; partitions: number[] }

/** librdkafka prints names of errors; these are the ones the scenarios ask for. */
const codes: [text: RegExp, code: number][] = [
  [/Message size too large/, 10],
  [/Unknown topic or partition/, 3],
]

const quick = ['-X', 'broker.address.family=v4', '-X', 'message.timeout.ms=20000']

class KcatDriver {
  readonly #address: string
  readonly #members = new Map<string, Member>()

  constructor(address: string) {
    this.#address = address
  }

  async open(): Promise<Driver> {
    // kcat makes no topics with settings; another client makes them for it.
    const maker = await kafkajsKind.open(this.#address)
    const { createTopic } = maker.operations
    return {
      operations: {
        ...(createTopic === undefined ? {} : { createTopic }),
        ...this.#metadata(),
        ...this.#records(),
        ...this.#membership(),
      },
      close: async () => {
        for (const { child } of this.#members.values()) child.kill('SIGTERM')
        await maker.close()
      },
    }
  }

  async #kcat(options: readonly string[], input = ''): Promise<string> {
    const running = promisify(execFile)('kcat', ['-b', this.#address, ...quick, ...options], {
      maxBuffer: 256 * 1024 * 1024,
      timeout: 30_000,
    })
    running.child.stdin?.on('error', () => {}) // It may end before it has read everything.
    running.child.stdin?.end(input)
    try {
      return (await running).stdout
    } catch (error) {
      const text = String(error)
      const code = codes.find(([pattern]) => pattern.test(text))?.[1] ?? null
      throw new ClientError(code, text.slice(-2000))
    }
  }

  #metadata(): Partial<Operations> {
    const ask = async (): Promise<Metadata> => JSON.parse(await this.#kcat(['-L', '-J']))
    return {
      listTopics: async () => (await ask()).topics.map(({ topic }) => topic),
      describeTopic: async ({ topic }) => {
        const found = (await ask()).topics.find(one => one.topic === topic)
        return { partitions: found?.partitions.length ?? 0 }
      },
    }
  }

  #records(): Partial<Operations> {
    return {
      produce: async ({ topic, records, acks = -1, compression = 'none', idempotent = false }) => {
        const settings = [
          ...['-X', `acks=${acks}`, '-X', `enable.idempotence=${idempotent}`, '-z', compression],
          ...['-X', 'message.max.bytes=10000000', '-K', '\t'],
        ]
        for (const partition of new Set(records.map(row => row.partition ?? -1))) {
          const rows = records.filter(row => (row.partition ?? -1) === partition)
          for (const row of rows) {
            if (row.key === null && row.value === null) throw new Error('kcat has no such record')
          }
          const lines = rows.map(({ key, value }) => `${key ?? ''}\t${value ?? ''}\n`).join('')
          await this.#kcat(['-P', '-t', topic, '-p', String(partition), ...settings, '-Z'], lines)
        }
        return records.map(({ partition = -1 }) => ({ partition, offset: -1 }))
      },
      consume: async ({ topic, partition, from, count }) => {
        const start =
          from === 'earliest' ? 'beginning' : 'offset' in from ? from.offset : `s@${from.time}`
        const place = ['-t', topic, '-p', String(partition), '-o', String(start)]
        const text = await this.#kcat(['-C', ...place, '-c', String(count), '-J', '-q'])
        return text.trim().split('\n').map(foundOf)
      },
      offsets: async ({ topic, partition, at }) => {
        const time = at === 'earliest' ? -2 : at === 'latest' ? -1 : at
        const text = await this.#kcat(['-Q', '-t', `${topic}:${partition}:${time}`])
        return { offset: Number(/offset (-?\d+)/.exec(text)?.[1]) }
      },
    }
  }

  #membership(): Partial<Operations> {
    return {
      join: async ({ member, group, topic, reset, instanceId, strategy = 'range' }) => {
        const child = spawn('kcat', [
          ...['-b', this.#address, ...quick, '-J', '-u', '-X', `auto.offset.reset=${reset}`],
          ...['-X', `partition.assignment.strategy=${strategy}`, '-X', 'heartbeat.interval.ms=200'],
          ...['-X', 'session.timeout.ms=10000', '-X', 'enable.auto.commit=false'],
          ...(instanceId === undefined ? [] : ['-X', `group.instance.id=${instanceId}`]),
          ...['-G', group, topic],
        ])
        const joined: Member = { child, inbox: new RecordInbox(), partitions: [] }
        createInterface({ input: child.stdout }).on('line', line => {
          if (line.startsWith('{')) joined.inbox.put(foundOf(line))
        })
        createInterface({ input: child.stderr }).on('line', line => rebalance(joined, line))
        this.#members.set(member, joined)
      },
      assignment: async ({ member }) => {
        const partitions = this.#members.get(member)?.partitions ?? []
        return { partitions: partitions.toSorted((a, b) => a - b) }
      },
      poll: async ({ member, count, timeoutMs }) =>
        (await this.#members.get(member)?.inbox.take(count, timeoutMs)) ?? [],
      leave: async ({ member }) => {
        const { child } = this.#members.get(member) ?? {}
        const gone = new Promise(resolve => child?.once('exit', resolve))
        child?.kill('SIGTERM')
        await gone
        this.#members.delete(member)
      },
    }
  }
}

/** `% Group g rebalanced (memberid m): assigned: topic [0], topic [1]`, or `revoked: …` */
function rebalance(member: Member, line: string): void {
  const found = /rebalanced .*: (assigned|revoked|incremental)[^:]*: ?(.*)$/.exec(line)
  if (found === null) return
  const named = [...(found[2] ?? '').matchAll(/\[(\d+)\]/g)].map(([, index]) => Number(index))
  if (found[1] === 'assigned') member.partitions = named
  else member.partitions = member.partitions.filter(index => !named.includes(index))
  member.inbox.drop(member.partitions)
}

function foundOf(line: string): Found {
  const { partition, offset, ts, key, payload, headers = [] } = JSON.parse(line) as Line
  const pairs = headers.flatMap((name, index) =>
    index % 2 === 0 ? [[name, headers[index + 1] ?? ''] as const] : [],
  )
  const found = { partition, offset, key, value: payload, timestamp: ts }
  return { ...found, headers: Object.fromEntries(pairs) }
}

export const kcatKind: DriverKind = {
  name: 'kcat',
  inProcess: false,
  setsTime: false,
  prepare: async () => {
    await kafkajsKind.prepare()
    await run('kcat', ['-V'])
  },
  open: address => new KcatDriver(address).open(),
}
