import { readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError } from 'commander'
import { CommandError } from '../error.ts'
import {
  argument,
  type Row,
  rowOf,
  rowsOf,
  type VhostFlags,
  withLocalBroker,
  withVhost,
} from '../local/options.ts'
import { pointInTime, positiveNumber, timeSpan, wholeNumber } from '../options.ts'
import type { Output } from '../output.ts'

type Parent = Command

/** Commands about what is in a queue. */
export function defineMessages(queue: Parent): void {
  withVhost(queue.command('get'))
    .description('take messages off a queue and show them')
    .argument('<name>')
    .option('-n, --count <n>', 'how many at most', positiveNumber, 1)
    .option('--keep', 'give them back: they stay in the queue, marked redelivered')
    .option('--format <form>', 'body, or full', formOf, 'body')
    .action(get)
  withVhost(queue.command('browse'))
    .description('show messages of a queue, taking none')
    .argument('<name>')
    .option('-n, --count <n>', 'how many at most', positiveNumber, 10)
    .option('--all', 'those, too, that were consumed and are still kept')
    .option('-o, --offset <n>', 'begin at this offset', wholeNumber)
    .option(
      '-t, --time <time>',
      'begin at this time, such as 2026-11-21T14:00Z, or 5m ago',
      pointInTime,
    )
    .option('--format <form>', 'body, or full', formOf, 'full')
    .action(browse)
  withVhost(queue.command('seek'))
    .description('hand out again what a queue still keeps, or pass over what is in it')
    .argument('<name>')
    .option('--to-first', 'everything that is kept')
    .option('--to-end', 'only what comes from now on')
    .option('-o, --offset <n>', 'from this offset on', wholeNumber)
    .option('-t, --time <time>', 'from this time on', pointInTime)
    .action(seek)
  withVhost(withPublish(queue.command('publish')))
    .description('put messages into a queue: one from --body or stdin, or with --lines many')
    .argument('<name>')
    .action((name: string, flags: PublishFlags) =>
      publish({ routingKey: name, exchange: '' }, flags),
    )
}

function formOf(text: string): string {
  if (text === 'body' || text === 'full') return text
  throw new InvalidArgumentError('It is body or full.')
}

type ShowFlags = VhostFlags & { readonly count: number; readonly format: 'body' | 'full' }

function get(name: string, flags: ShowFlags & { readonly keep?: true }): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const { count, keep, vhost } = flags
    const args = { namespace: vhost, name, count, isKept: keep === true }
    await show(output, await rowsOf(broker, 'get-messages', args), flags)
  })
}

type PlaceFlags = { readonly offset?: number; readonly time?: number }

function browse(
  name: string,
  flags: ShowFlags & PlaceFlags & { readonly all?: true },
): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const { all, count, vhost } = flags
    const start = placeOf(flags) ?? { kind: 'first' }
    const args = { namespace: vhost, name, count, start, isAll: all === true }
    await show(output, await rowsOf(broker, 'browse-messages', args), flags)
  })
}

function placeOf({ offset, time }: PlaceFlags): object | undefined {
  if (offset !== undefined && time !== undefined)
    throw new CommandError('usage', '--offset and --time exclude each other')
  if (offset !== undefined) return { kind: 'offset', offset }
  return time === undefined ? undefined : { kind: 'time', millis: time }
}

type SeekFlags = VhostFlags & PlaceFlags & { readonly toFirst?: true; readonly toEnd?: true }

function seek(name: string, flags: SeekFlags): Promise<void> {
  const places = [
    placeOf(flags),
    ...(flags.toFirst === true ? [{ kind: 'first' }] : []),
    ...(flags.toEnd === true ? [{ kind: 'next' }] : []),
  ].filter(place => place !== undefined)
  const [target, ...more] = places
  if (target === undefined || more.length > 0)
    throw new CommandError('usage', 'say where to: --to-first, --to-end, --offset or --time')
  return withLocalBroker(flags, async (broker, output) => {
    const args = { namespace: flags.vhost, name, target }
    const { messages } = await rowOf(broker, 'seek-queue', args)
    const words = `Queue "${name}" has ${String(messages)} messages to hand out.`
    await output.said(words, { queue: name, messages })
  })
}

async function show(output: Output, messages: readonly Row[], flags: ShowFlags): Promise<void> {
  if (output.isJson) return output.json(messages)
  for (const message of messages)
    if (flags.format === 'full') await output.write(`${JSON.stringify(message)}\n`)
    else await output.write(Buffer.concat([bodyOf(message), Buffer.from('\n')]))
}

const bodyOf = ({ body, bodyBase64 }: Row): Buffer =>
  typeof body === 'string' ? Buffer.from(body) : Buffer.from(String(bodyBase64), 'base64')

export type PublishFlags = VhostFlags & {
  readonly body?: string
  readonly file?: string
  readonly lines?: true
  readonly key?: string
  readonly header?: Readonly<Record<string, unknown>>
  readonly property?: Readonly<Record<string, unknown>>
  readonly priority?: number
  readonly expires?: number
  readonly transient?: true
}

export function withPublish(command: Command): Command {
  return command
    .option('-b, --body <text>', 'the message (default: stdin)')
    .option('-f, --file <path>', 'read this file in place of stdin')
    .option('--lines', 'each line is a message')
    .option('-k, --key <text>', "what Kafka's clients see as the key")
    .option('-H, --header <name=value>', 'a header', argument)
    .option(
      '--property <name=value>',
      'contentType, correlationId, replyTo, messageId, …',
      argument,
    )
    .option('--priority <n>', 'from 0 to 255', wholeNumber)
    .option('--expires <time>', 'it expires after so long, such as 30s', timeSpan)
    .option('--transient', 'it need not survive a restart')
}

/** Publishes what the flags say, or what comes on stdin. */
export function publish(
  address: { readonly exchange: string; readonly routingKey: string },
  flags: PublishFlags,
): Promise<void> {
  return withLocalBroker(flags, async (broker, output) => {
    const answer = await rowOf(broker, 'publish-messages', {
      ...address,
      namespace: flags.vhost,
      ...(flags.key === undefined ? {} : { key: flags.key }),
      headers: flags.header ?? {},
      properties: {
        ...flags.property,
        ...(flags.priority === undefined ? {} : { priority: flags.priority }),
        ...(flags.expires === undefined ? {} : { ttlMs: flags.expires }),
        isPersistent: flags.transient !== true,
      },
      bodies: (await bodiesOf(flags)).map(body => body.toString('base64')),
    })
    const { published, routed } = answer as { published: number; routed: number }
    const lost = published - routed
    const words = `Published ${published} ${published === 1 ? 'message' : 'messages'}.`
    await output.said(lost === 0 ? words : `${words} Nothing took ${lost} of them.`, answer)
    if (lost > 0) throw new CommandError('notFound', 'no queue or topic took it')
  })
}

async function bodiesOf({ body, file, lines }: PublishFlags): Promise<readonly Buffer[]> {
  const bytes =
    body !== undefined ? Buffer.from(body) : file !== undefined ? readFileSync(file) : await stdin()
  if (lines !== true) return [bytes]
  const text = bytes.toString().replace(/\r?\n$/, '')
  return text === '' ? [] : text.split(/\r?\n/).map(line => Buffer.from(line))
}

async function stdin(): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks)
}
