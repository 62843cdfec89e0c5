import { Option, type Command } from 'commander'
import { compressionNames, type CompressionName, type NewRecord } from '../log/batch/index.ts'
import { nodePlatform } from '../platform/index.ts'
import { openChunks } from '../server/index.ts'
import type { Client } from './client/client.ts'
import { Producer } from './client/producer.ts'
import { CommandError, messageOf } from './error.ts'
import { LineSplitter } from './lines.ts'
import { setting, sleep, wholeNumber, withBroker, withClient, type CommonFlags } from './options.ts'
import { openProgress } from './progress.ts'

/** A topic that is being made is at first unknown, and then without a leader. */
const YOUNG = /LEADER_NOT_AVAILABLE|UNKNOWN_TOPIC_OR_PARTITION/
const LEADER_ATTEMPTS = 15
const LEADER_PAUSE_MS = 100

type Flags = CommonFlags & {
  readonly keySeparator?: string
  readonly header?: Readonly<Record<string, string>>
  readonly partition?: number
  readonly acks: '0' | '1' | 'all'
  readonly compression: CompressionName
  readonly file?: string
  readonly nullMarker?: string
}

export function define(program: Command): void {
  withBroker(program.command('produce'))
    .description('send lines, each as a record, from the input or a file')
    .argument('<topic>')
    .option('-k, --key-separator <text>', 'what stands between key and value in a line')
    .option('-H, --header <name=value>', 'a header for every record', setting)
    .option('-p, --partition <n>', 'the partition, instead of choosing by key', wholeNumber)
    .addOption(
      new Option('-a, --acks <acks>', 'what to wait for').choices(['0', '1', 'all']).default('all'),
    )
    .addOption(
      new Option('-z, --compression <name>', 'how batches are compressed')
        .choices(compressionNames)
        .default('none'),
    )
    .option('-f, --file <path>', 'read lines from this file')
    .option('--null-marker <text>', 'a value that stands for null (deletes a compacted key)')
    .action(run)
}

function run(topic: string, flags: Flags): Promise<void> {
  return withClient(flags, async (client, output) => {
    const source = openSource(flags.file)
    const partitions = await partitionsOf(client, topic)
    const { partition = null } = flags
    if (partition !== null && !partitions.includes(partition))
      throw new CommandError(
        'notFound',
        `topic "${topic}" has no partition ${partition}, but ${partitions.join(', ')}`,
      )
    const acks = flags.acks === 'all' ? -1 : flags.acks === '1' ? 1 : 0
    const { compression } = flags
    const producer = new Producer(client, { topic, partitions, acks, compression })
    await sendLines(source, producer, flags)
    const { recordCount } = producer
    const noun = recordCount === 1 ? 'record' : 'records'
    const words = `Produced ${recordCount} ${noun} to "${topic}".`
    await output.said(words, { topic, records: recordCount })
  })
}

type Source = { readonly sizeBytes: number; readonly chunks: AsyncIterable<Buffer> }

function openSource(path: string | undefined): Source {
  if (path === undefined) return { sizeBytes: 0, chunks: process.stdin }
  try {
    return openChunks(path)
  } catch (error) {
    throw new CommandError('failed', `cannot read "${path}": ${messageOf(error)}`)
  }
}

async function sendLines(source: Source, producer: Producer, flags: Flags): Promise<void> {
  const headers = Object.entries(flags.header ?? {}).map(([key, value]) => ({
    key,
    value: Buffer.from(value),
  }))
  const { partition = null } = flags
  const send = (line: Buffer): Promise<void> =>
    producer.add(recordOf(line, headers, flags), partition)
  const progress = await openProgress('sending', flags.file === undefined ? 0 : source.sizeBytes)
  const lines = new LineSplitter()
  let readBytes = 0
  try {
    for await (const chunk of source.chunks) {
      for (const line of lines.push(chunk)) await send(line)
      readBytes += chunk.length
      // Who types wants each line to go out; a file is better sent in full batches.
      if (flags.file === undefined) await producer.flush()
      else progress.update(readBytes)
    }
    const last = lines.finish()
    if (last !== undefined) await send(last)
    await producer.finish()
  } finally {
    progress.stop()
  }
}

function recordOf(line: Buffer, headers: NewRecord['headers'] & object, flags: Flags): NewRecord {
  const timestamp = nodePlatform.clock.now()
  const { keySeparator, nullMarker } = flags
  const nullable = (bytes: Buffer): Buffer | null =>
    nullMarker !== undefined && bytes.equals(Buffer.from(nullMarker)) ? null : bytes
  if (keySeparator === undefined) return { timestamp, key: null, value: nullable(line), headers }
  const at = line.indexOf(keySeparator)
  if (at < 0)
    throw new CommandError(
      'failed',
      `line "${line.toString('utf8', 0, 80)}" holds no key separator "${keySeparator}"`,
    )
  const value = line.subarray(at + Buffer.byteLength(keySeparator))
  return { timestamp, key: line.subarray(0, at), value: nullable(value), headers }
}

/** Makes the topic where the broker allows it, and waits until it can be written to. */
async function partitionsOf(client: Client, topic: string): Promise<number[]> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await client.partitionsOf(topic, true)
    } catch (error) {
      const isYoung = error instanceof CommandError && YOUNG.test(error.message)
      if (!isYoung || attempt === LEADER_ATTEMPTS) throw error
      await sleep(LEADER_PAUSE_MS)
    }
  }
}
