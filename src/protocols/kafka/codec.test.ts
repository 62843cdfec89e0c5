import { describe, expect, test } from 'vitest'
import { ByteReader, COPY_BYTES_MAX, MalformedError } from '../../lib/bytes/index.ts'
import {
  correlationOf,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  readRequest,
  readRequestHeader,
} from './codec.ts'
import { apiVersions, fetch, heartbeat, metadata, produce } from './schema/index.ts'

const hex = (chunks: readonly Buffer[]): string => Buffer.concat(chunks).toString('hex')
const reader = (spaced: string): ByteReader =>
  new ByteReader(Buffer.from(spaced.replaceAll(' ', ''), 'hex'))

describe('kafka codec: request headers', () => {
  const cases: [name: string, bytes: string, clientId: string | null, left: number][] = [
    ['version 1: heartbeat 3', '000c 0003 00000007 0001 61 ff', 'a', 1],
    ['version 2: heartbeat 4, no tags', '000c 0004 00000007 0001 61 00 ff', 'a', 1],
    ['version 2: heartbeat 4, a tag to skip', '000c 0004 00000007 ffff 01 05 02 aabb ff', null, 1],
    ['version 0: ControlledShutdown 0', '0007 0000 00000007 00000001', null, 4],
    ['version 1: ApiVersions 2', '0012 0002 00000007 0001 61', 'a', 0],
    ['version 2: ApiVersions 3', '0012 0003 00000007 0001 61 00 0162', 'a', 2],
    ['an ApiVersions of the future', '0012 0063 00000007 0001 61 00 0162', 'a', 3],
    ['an API of the future', '7fff 0000 00000007 0001 61 00', 'a', 1],
  ]
  test.each(cases)('%s', (_, bytes, clientId, left) => {
    const source = reader(bytes)
    expect(readRequestHeader(source)).toMatchObject({ correlationId: 7, clientId })
    expect(source.left).toBe(left)
  })

  test.each(['000c 0003 0000', '000c ffff 00000007 ffff', '000c 0003 00000007 fffe'])(
    'refuses %s',
    bytes => expect(() => readRequestHeader(reader(bytes))).toThrow(MalformedError),
  )
})

test('kafka codec: a request is read back as a client wrote it, in both kinds of header', () => {
  for (const apiVersion of [3, 4]) {
    const header = { apiVersion, correlationId: 9, clientId: 'me' }
    const draft = { groupId: 'g', generationId: 3, memberId: 'm', groupInstanceId: 'i' }
    const frame = Buffer.concat(encodeRequest(heartbeat, header, draft))
    expect(frame.readInt32BE(0)).toBe(frame.length - 4)
    const source = new ByteReader(frame.subarray(4))
    expect(readRequestHeader(source)).toEqual({ apiKey: 12, ...header })
    expect(readRequest(heartbeat, apiVersion, source)).toEqual(draft)
    expect(source.left).toBe(0)
  }
})

test('kafka codec: the header of a response has tags where the body is flexible', () => {
  expect(hex(encodeResponse(heartbeat, 3, 7, { errorCode: 27 }))).toBe(
    '0000000a' + '00000007' + '00000000' + '001b',
  )
  expect(hex(encodeResponse(heartbeat, 4, 7, { errorCode: 27 }))).toBe(
    '0000000c' + '00000007' + '00' + '00000000' + '001b' + '00',
  )
})

test('kafka codec: the response to ApiVersions never has tags in its header', () => {
  const draft = { errorCode: 0, apiKeys: [{ apiKey: 1, minVersion: 0, maxVersion: 5 }] }
  expect(hex(encodeResponse(apiVersions, 3, 7, draft))).toBe(
    '00000013' + '00000007' + '0000' + '02' + '000100000005' + '00' + '00000000' + '00',
  )
})

test('kafka codec: a client understands the refusal of an ApiVersions of the future', () => {
  const draft = { errorCode: 35, apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 3 }] }
  const frame = Buffer.concat(encodeResponse(apiVersions, 0, 7, draft)).subarray(4)
  expect(correlationOf(frame)).toBe(7)
  expect(decodeResponse(apiVersions, 4, frame)).toMatchObject(draft)
})

test('kafka codec: records leave in the buffers they lie in, and one size counts them all', () => {
  const large = Buffer.alloc(COPY_BYTES_MAX + 1, 1)
  const small = Buffer.alloc(10, 2)
  for (const version of [11, 12]) {
    const partition = { partitionIndex: 0, errorCode: 0, highWatermark: 5 }
    const partitions = [{ ...partition, records: [large, small, large] }]
    const chunks = encodeResponse(fetch, version, 1, { responses: [{ topic: 't', partitions }] })
    expect(chunks.filter(chunk => chunk === large)).toHaveLength(2)
    const frame = Buffer.concat(chunks)
    expect(frame.readInt32BE(0)).toBe(frame.length - 4)
    const read = decodeResponse(fetch, version, frame.subarray(4))
    const records = read.responses[0]!.partitions[0]!.records
    expect(records).toEqual(Buffer.concat([large, small, large]))
  }
})

test('kafka codec: the records of a request are slices of its frame', () => {
  const records = Buffer.alloc(100, 9)
  const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }]
  const header = { apiVersion: 9, correlationId: 1, clientId: null }
  const frame = Buffer.concat(
    encodeRequest(produce, header, { acks: -1, timeoutMs: 1000, topicData }),
  )
  const source = new ByteReader(frame.subarray(4))
  readRequestHeader(source)
  const read = readRequest(produce, 9, source).topicData[0]!.partitionData[0]!.records!
  expect(read).toEqual(records)
  expect(read.buffer).toBe(frame.buffer)
})

describe('kafka codec: announced counts are checked before anything is allocated', () => {
  test.each([
    ['2^31-1 topics', 1, '7fffffff'],
    ['-2 topics', 1, 'fffffffe'],
    ['2^32-2 topics, compact', 9, 'ffffffff0f'],
    ['more topics than a message may hold', 1, `00200000${'0000'.repeat(2 ** 21)}`],
  ])('%s', (_, version, bytes) => {
    expect(() => readRequest(metadata, version, reader(bytes))).toThrow(MalformedError)
  })
})
