import { readdirSync, readFileSync } from 'node:fs'
import { ByteReader, ByteWriter } from '../../src/lib/bytes/index.ts'
import { assert } from '../../src/lib/assert.ts'
import { encodeResponse, readRequestHeader } from '../../src/protocols/kafka/codec.ts'
import {
  apiOf,
  apis,
  requestCodec,
  responseCodec,
  type Api,
  type Codec,
} from '../../src/protocols/kafka/schema/index.ts'
import { RequestSplitter } from '../../src/protocols/kafka/splitter.ts'
import { type Dice, mutated } from './bytes.ts'
import { batchTargets } from './kafka-batches.ts'
import { mayRefuse, type Target } from './target.ts'

const POISON = 0xdb

/** The official client's bytes are what the mutations begin with. */
type Direction = 'request' | 'response'
const folder = new URL('../../src/protocols/kafka/vectors/', import.meta.url)
const corpora = new Map<string, Buffer[]>()
for (const file of readdirSync(folder))
  for (const line of readFileSync(new URL(file, folder), 'utf8').trim().split('\n')) {
    const [key, version, direction, text] = line.split(' ')
    const name = `${key} ${version} ${direction}`
    if (!corpora.has(name)) corpora.set(name, [])
    if (!text!.startsWith('{')) corpora.get(name)!.push(Buffer.from(text!, 'hex'))
  }

function corpusOf(api: Api, version: number, direction: Direction): Buffer[] {
  return corpora.get(`${api.key} ${version} ${direction}`) ?? []
}

function anyVersion(dice: Dice): { api: Api; version: number } {
  const api = dice.pick(apis)
  const [first, last] = api.versions
  return { api, version: first + dice.below(last - first + 1) }
}

/** What could be read can be written, and means the same then. */
function bodies(direction: Direction): Target {
  return {
    name: `kafka ${direction} bodies`,
    run(dice) {
      const { api, version } = anyVersion(dice)
      const bytes = mutated(dice, corpusOf(api, version, direction))
      const codec = (direction === 'request'
        ? requestCodec(api, version)
        : responseCodec(api, version)) as unknown as Codec<unknown>
      const value = mayRefuse(() => codec.read(new ByteReader(bytes)))
      if (value === undefined) return
      const once = written(codec, value)
      const twice = written(codec, codec.read(new ByteReader(once)))
      const what = `${api.name} ${version} reads what it wrote`
      assert(once.equals(twice), `${what}: ${bytes.toString('hex')}`)
    },
  }
}

function written(codec: Codec<unknown>, value: unknown): Buffer {
  const writer = new ByteWriter()
  codec.write(writer, value)
  return writer.finish()
}

const frames: Target = {
  name: 'kafka request frames',
  run(dice) {
    const { api, version } = anyVersion(dice)
    const head = Buffer.alloc(10)
    head.writeInt16BE(api.key, 0)
    head.writeInt16BE(version, 2)
    const corpus = corpusOf(api, version, 'request').map(body => Buffer.concat([head, body]))
    const reader = new ByteReader(mutated(dice, corpus))
    mayRefuse(() => {
      const header = readRequestHeader(reader)
      const named = apiOf(header.apiKey)
      if (named === undefined) return
      const [first, last] = named.versions
      if (header.apiVersion >= first && header.apiVersion <= last)
        requestCodec(named, header.apiVersion).read(reader)
    })
  },
}

const splitter: Target = {
  name: 'kafka splitter',
  run(dice) {
    const sent = Array.from({ length: dice.below(8) }, () =>
      dice.bytes(dice.below(dice.pick([300, 9000]))),
    )
    const stream = Buffer.concat(sent.flatMap(frame => [sizeOf(frame), frame]))
    const isMutated = dice.below(2) === 0
    const received = split(isMutated ? mutated(dice, [stream]) : stream, dice)
    if (isMutated) return
    assert(received.length === sent.length, 'every frame arrives')
    for (const [index, frame] of received.entries())
      assert(frame.equals(sent[index]!), 'frames arrive as they were sent')
  },
}

/** Reads are lent, and frames too: those that are not owned are copied while they are good. */
function split(stream: Buffer, dice: Dice): Buffer[] {
  const splitter = new RequestSplitter(64 * 1024)
  const frames: Buffer[] = []
  const take = (): boolean => {
    const frame = splitter.next()
    if (frame === undefined) return false
    frames.push(dice.below(2) === 0 ? splitter.own(frame) : Buffer.from(frame))
    return true
  }
  mayRefuse(() => {
    for (let at = 0; at < stream.length; ) {
      const read = Buffer.from(stream.subarray(at, at + 1 + dice.below(dice.pick([4, 64, 20_000]))))
      at += read.length
      splitter.push(read)
      while (dice.below(8) > 0 && take());
      splitter.settle()
      read.fill(POISON)
    }
    while (take());
    assert(splitter.pendingBytes <= 64 * 1024 + 1024, 'no more waits than one frame')
  })
  return frames
}

function sizeOf(frame: Buffer): Buffer {
  const size = Buffer.alloc(4)
  size.writeInt32BE(frame.length)
  return size
}

/** The records of a response go out by reference; the size in front must count them. */
const responses: Target = {
  name: 'kafka response frames',
  run(dice) {
    const { api, version } = anyVersion(dice)
    const codec = responseCodec(api, version)
    const body = mutated(dice, corpusOf(api, version, 'response'))
    const value = mayRefuse(() => codec.read(new ByteReader(body)))
    if (value === undefined) return
    const frame = Buffer.concat(encodeResponse(api, version, 7, value))
    assert(frame.readInt32BE(0) === frame.length - 4, 'the size is that of the frame')
  },
}

export const kafkaTargets: readonly Target[] = [
  bodies('request'),
  bodies('request'),
  bodies('response'),
  frames,
  splitter,
  responses,
  ...batchTargets,
]
