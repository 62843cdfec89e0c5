import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FRAME_END } from '../constants.ts'
import { AmqpError } from '../errors.ts'
import { FrameSplitter } from './splitter.ts'

const FRAME_MAX = 4096

type Frame = { type: number; channel: number; payload: Buffer }

const frameBytes = ({ type, channel, payload }: Frame): Buffer => {
  const bytes = Buffer.alloc(payload.length + 8)
  bytes[0] = type
  bytes.writeUInt16BE(channel, 1)
  bytes.writeUInt32BE(payload.length, 3)
  payload.copy(bytes, 7)
  bytes[bytes.length - 1] = FRAME_END
  return bytes
}

/** Pushes a stream cut into pieces, taking frames after each, and copies what comes out. */
function split(pieces: Buffer[], splitter = new FrameSplitter(FRAME_MAX)): Frame[] {
  const frames: Frame[] = []
  for (const piece of pieces) {
    const lent = Buffer.from(piece)
    splitter.push(lent)
    while (splitter.next()) frames.push(taken(splitter))
    splitter.settle()
    lent.fill('?')
  }
  return frames
}

const taken = ({ type, channel, bytes, start, end }: FrameSplitter): Frame => ({
  type,
  channel,
  payload: Buffer.from(bytes.subarray(start, end)),
})

const frames = fc.array(
  fc.record({
    type: fc.constantFrom(1, 2, 3, 8),
    channel: fc.integer({ min: 0, max: 65_535 }),
    payload: fc
      .oneof(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: FRAME_MAX - 8 }))
      .map(bytes => Buffer.from(bytes)),
  }),
  { maxLength: 8 },
)

function cut(stream: Buffer, sizes: number[]): Buffer[] {
  const pieces: Buffer[] = []
  for (let at = 0, index = 0; at < stream.length; index++) {
    const size = sizes[index % sizes.length]!
    pieces.push(Buffer.from(stream.subarray(at, at + size)))
    at += size
  }
  return pieces
}

const cuts = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 12 })

test('splitter: frames do not depend on how the stream was cut', () => {
  fc.assert(
    fc.property(frames, cuts, (sent, sizes) => {
      const stream = Buffer.concat(sent.map(frameBytes))
      expect(split(cut(stream, sizes))).toEqual(sent)
    }),
    { numRuns: 300 },
  )
})

test('splitter: reads that wait, and frames that are taken twice, change nothing', () => {
  fc.assert(
    fc.property(frames, cuts, fc.infiniteStream(fc.boolean()), (sent, sizes, dice) => {
      const splitter = new FrameSplitter(FRAME_MAX)
      const received: Frame[] = []
      const coin = (): boolean => dice.next().value === true
      const drain = (): void => {
        while (splitter.next()) {
          const first = taken(splitter)
          if (coin()) {
            splitter.again()
            expect(splitter.next()).toBe(true)
            expect(taken(splitter)).toEqual(first)
          }
          received.push(first)
          if (coin()) return
        }
      }
      for (const piece of cut(Buffer.concat(sent.map(frameBytes)), sizes)) {
        splitter.push(piece)
        if (coin()) drain()
      }
      while (splitter.pendingBytes > 0) drain()
      expect(received).toEqual(sent)
    }),
    { numRuns: 300 },
  )
})

test('splitter: a frame in one read is not copied', () => {
  const splitter = new FrameSplitter(FRAME_MAX)
  const read = frameBytes({ type: 3, channel: 1, payload: Buffer.from('body') })
  splitter.push(read)
  expect(splitter.next()).toBe(true)
  expect(splitter.bytes).toBe(read)
})

const refusals: [name: string, bytes: string, text: string][] = [
  [
    'a wrong end',
    '01 0001 00000003 616263 00',
    'FRAME_ERROR - type 1, all octets = <<"abc">>: {invalid_frame_end_marker,0}',
  ],
  [
    'a long one with a wrong end',
    `01 0001 00000011 ${'00'.repeat(17)} cd`,
    'FRAME_ERROR - type 1, first 16 octets = <<0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0>>: ' +
      '{invalid_frame_end_marker,205}',
  ],
  [
    'too large',
    '03 0001 00001001',
    'FRAME_ERROR - type 3, all octets = <<>>: {frame_too_large,4097,4088}',
  ],
]

for (const [name, hex, text] of refusals)
  for (const pieceBytes of [1000, 1])
    test(`splitter: ${name} is refused, in pieces of ${pieceBytes}`, () => {
      const stream = Buffer.from(hex.replaceAll(' ', ''), 'hex')
      const refused = (): unknown => {
        try {
          return split(cut(stream, [pieceBytes]))
        } catch (error) {
          return (error as AmqpError).replyText
        }
      }
      expect(refused()).toBe(text)
    })

test('splitter: eight bytes too many are forgiven', () => {
  const frame = { type: 3, channel: 1, payload: Buffer.alloc(FRAME_MAX) }
  expect(split([frameBytes(frame)])).toEqual([frame])
})

test('splitter: garbage is refused, never a crash', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), cuts, (bytes, sizes) => {
      try {
        split(cut(Buffer.from(bytes), sizes))
      } catch (error) {
        expect(error).toBeInstanceOf(AmqpError)
      }
    }),
    { numRuns: 1000 },
  )
})

test('splitter: a large body frame that spans reads comes in pieces', () => {
  const large = fc.record({
    type: fc.constant(3),
    channel: fc.integer({ min: 0, max: 65_535 }),
    payload: fc.uint8Array({ minLength: 4096, maxLength: 9000 }).map(bytes => Buffer.from(bytes)),
  })
  const list = fc.array(fc.oneof(large, frames.map(all => all[0]!).filter(Boolean)), {
    maxLength: 5,
  })
  fc.assert(
    fc.property(list, cuts, (sent, sizes) => {
      const splitter = new FrameSplitter(16_384)
      const got: Frame[] = []
      let left = 0
      for (const piece of cut(Buffer.concat(sent.map(frameBytes)), sizes)) {
        splitter.push(piece)
        for (; splitter.next(); left = splitter.left) {
          const frame = taken(splitter)
          const begun = got.at(-1)
          if (left === 0) got.push(frame)
          else begun!.payload = Buffer.concat([begun!.payload, frame.payload])
          if (left > 0) expect(splitter.left).toBe(left - frame.payload.length)
        }
      }
      expect(got).toEqual(sent)
      expect(splitter.pendingBytes).toBe(0)
    }),
  )
})

test('splitter: the end octet behind the pieces of a body is looked at', () => {
  const bytes = frameBytes({ type: 3, channel: 1, payload: Buffer.alloc(5000, 'x') })
  bytes[bytes.length - 1] = 0
  for (const at of [3000, bytes.length - 1]) {
    const splitter = new FrameSplitter(16_384)
    splitter.push(bytes.subarray(0, at))
    expect(splitter.next()).toBe(true)
    splitter.push(bytes.subarray(at))
    expect(() => splitter.next()).toThrow(AmqpError)
  }
})

test('splitter: what is left when nobody may work is copied', () => {
  const sent = [1, 2, 3].map(type => ({ type, channel: type, payload: Buffer.alloc(20, type) }))
  const splitter = new FrameSplitter(FRAME_MAX)
  const push = (bytes: Buffer): void => {
    const lent = Buffer.from(bytes)
    splitter.push(lent)
    splitter.settle()
    lent.fill('?')
  }
  const lent = Buffer.concat(sent.slice(0, 2).map(frameBytes))
  splitter.push(lent)
  expect(splitter.next()).toBe(true)
  splitter.again()
  splitter.settle()
  lent.fill('?')
  push(frameBytes(sent[2]!).subarray(0, 9))
  push(frameBytes(sent[2]!).subarray(9))
  const got: Frame[] = []
  while (splitter.next()) got.push(taken(splitter))
  expect(got).toEqual(sent)
})
