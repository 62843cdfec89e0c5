import { setImmediate as nextTurn } from 'node:timers/promises'
import { silentLogger } from '../../../src/lib/logger.ts'
import { encodeBatch } from '../../../src/log/batch/index.ts'
import { openMemoryStore } from '../../../src/log/index.ts'
import { nodePlatform } from '../../../src/platform/index.ts'
import { Broker } from '../../../src/broker/broker.ts'
import { Runtime } from '../../../src/broker/runtime.ts'
import { brokerSettingsDefault } from '../../../src/broker/settings.ts'
import {
  compareIds,
  type EntryId,
  idMax,
  idMin,
  type Whole,
} from '../../../src/broker/entries/index.ts'
import type { EntryView, Span, Words } from '../../../src/broker/entries/index.ts'
import type { EntryStream, IdWanted } from '../../../src/broker/entries/index.ts'

/** For tests: words as a command has them. */
export function wordsOf(...texts: string[]): Words & { count: number } {
  const bytes = Buffer.from(`--${texts.join('')}--`, 'latin1')
  const starts: number[] = []
  const ends: number[] = []
  let at = 2
  for (const { length } of texts) {
    starts.push(at)
    ends.push((at += length))
  }
  return { bytes, starts, ends, count: texts.length }
}

/** For tests: `5-1`; the sequence may be left out. */
export function idOf(text: string): EntryId {
  const [ms, seq = '0'] = text.split('-')
  const part = (digits: string): Whole => {
    const value = BigInt(digits)
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value
  }
  return { ms: part(ms!), seq: part(seq) }
}

export const textOf = ({ ms, seq }: EntryId): string => `${ms}-${seq}`

/** For tests: `5-1 field=value …`. */
export function shown(entry: EntryView): string {
  const fields: string[] = []
  const word = (index: number): string =>
    entry.bytes(index).toString('latin1', entry.start(index), entry.end(index))
  for (let index = 0; index < entry.wordCount; index += 2)
    fields.push(`${word(index)}=${word(index + 1)}`)
  return `${textOf(entry)} ${fields.join(' ')}`.trim()
}

/** For tests: adds `field value field value …` with an id, `*`, or `5-*`. */
export function add(stream: EntryStream, id: string, fields = 'f v'): string {
  const words = wordsOf(...fields.split(' '))
  const outcome = stream.add(words, 0, words.count, wantedOf(id))
  return outcome === 'added' ? textOf(stream.lastId) : outcome
}

function wantedOf(text: string): IdWanted {
  if (text === '*') return null
  const [ms, seq] = text.split('-')
  if (seq === '*') return { ms: idOf(ms!).ms, seq: null }
  return idOf(text)
}

export function entriesOf(stream: EntryStream, span: Span): string[] {
  const all: string[] = []
  stream.show(span, entry => all.push(shown(entry)))
  return all
}

export function all(stream: EntryStream, from = '', to = '', count = 0): string[] {
  const first = from === '' ? idMin : idOf(from)
  return entriesOf(stream, stream.range(first, to === '' ? idMax : idOf(to), count))
}

export function reversed(stream: EntryStream, from = '', to = '', count = 0): string[] {
  const first = from === '' ? idMin : idOf(from)
  return entriesOf(stream, stream.range(first, to === '' ? idMax : idOf(to), count, true))
}

export const isSame = (one: EntryId, other: EntryId): boolean => compareIds(one, other) === 0

/** For tests: a broker in memory with a clock that stands still. */
export async function openBroker(clock = { ms: 1000 }): Promise<Broker> {
  const { timers, random } = nodePlatform
  const runtime = new Runtime({
    settings: brokerSettingsDefault,
    clock: { now: () => clock.ms as never, elapsed: () => clock.ms },
    timers,
    random,
    logger: silentLogger,
  })
  return Broker.open(runtime, machines =>
    openMemoryStore({ platform: nodePlatform, logger: silentLogger, machines }),
  )
}

/** For tests: what a Kafka producer would send, through the same door. */
export function produce(broker: Broker, topic: string, bodies: string, timestamp: number): void {
  const records = bodies.split(' ').map(body => {
    const [key, value] = body.includes(':') ? body.split(':') : [null, body]
    return {
      timestamp,
      key: key === null ? null : Buffer.from(key!),
      value: Buffer.from(value!),
      headers: [],
    }
  })
  const { partitions } = broker.topics.find('/', topic)!
  const outcome = broker.appender.append(partitions[0]!, encodeBatch(records))
  if (outcome.flaw !== null) throw new Error(outcome.flaw.message)
}

/** Until everything that was begun in this turn is done. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await nextTurn()
}
