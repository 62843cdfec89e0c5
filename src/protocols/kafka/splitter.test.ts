import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { MalformedError } from '../../lib/bytes/index.ts'
import { RequestSplitter } from './splitter.ts'

function framed(frame: Uint8Array): Buffer {
  const size = Buffer.alloc(4)
  size.writeInt32BE(frame.length)
  return Buffer.concat([size, frame])
}

function drain(splitter: RequestSplitter): Buffer[] {
  const frames: Buffer[] = []
  for (let frame = splitter.next(); frame !== undefined; frame = splitter.next())
    frames.push(splitter.own(frame))
  return frames
}

test('kafka splitter: frames depend neither on the cuts nor on when they are taken', () => {
  const sizes = fc.array(fc.oneof(fc.nat(30), fc.nat(9000)), { maxLength: 8 })
  const cuts = fc.array(fc.integer({ min: 1, max: 6000 }), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(sizes, cuts, fc.nat(3), (lengths, pieces, patience) => {
      const sent = lengths.map((length, index) => Buffer.alloc(length, index + 1))
      const stream = Buffer.concat(sent.map(framed))
      const splitter = new RequestSplitter()
      const received: Buffer[] = []
      for (let at = 0, index = 0; at < stream.length; index++) {
        const piece = Buffer.from(stream.subarray(at, at + pieces[index % pieces.length]!))
        at += piece.length
        splitter.push(piece)
        if (index % (patience + 1) === patience) received.push(...drain(splitter))
      }
      received.push(...drain(splitter))
      expect(received.map(frame => frame.length)).toEqual(lengths)
      expect(received.every((frame, index) => frame.equals(sent[index]!))).toBe(true)
      expect(splitter.pendingBytes).toBe(0)
    }),
  )
})

test('kafka splitter: a kept frame pins at most twice its size, or a page of the pool', () => {
  const pageBytes = Buffer.allocUnsafe(1).buffer.byteLength // Differs between versions of Node.
  const sent = [10, 5000, 40_000].map(size => framed(Buffer.alloc(size)))
  const splitter = new RequestSplitter()
  const read = Buffer.allocUnsafeSlow(64 * 1024)
  const length = Buffer.concat(sent).copy(read)
  splitter.push(read.subarray(0, length))
  const frames = drain(splitter)
  expect(frames.map(frame => frame.length)).toEqual([10, 5000, 40_000])
  for (const frame of frames)
    expect(frame.buffer.byteLength).toBeLessThanOrEqual(Math.max(pageBytes, frame.length * 2))
})

test('kafka splitter: memory is used for the next frame, unless the frame was taken', () => {
  const splitter = new RequestSplitter()
  const received = [1, 2, 3].map(value => {
    const frame = Buffer.alloc(300_000 + value, value)
    const stream = framed(frame)
    for (let at = 0; at < stream.length; at += 65_536)
      splitter.push(Buffer.from(stream.subarray(at, at + 65_536)))
    const taken = splitter.next()!
    expect(taken.equals(frame)).toBe(true)
    expect(taken.buffer.byteLength).toBeLessThan(frame.length * 2)
    return value === 1 ? splitter.own(taken) : taken
  })
  expect(received[0]!.equals(Buffer.alloc(300_001, 1))).toBe(true)
  expect(received[2]!.buffer).toBe(received[1]!.buffer)
  expect(received[2]!.buffer).not.toBe(received[0]!.buffer)
})

test('kafka splitter: what is held outlives the read, in memory that is used again', () => {
  const splitter = new RequestSplitter()
  const read = Buffer.alloc(65_536)
  const held = [1, 2, 3].map(value => {
    const frame = Buffer.alloc(20_000, value)
    splitter.push(read.subarray(0, framed(frame).copy(read)))
    const kept = splitter.hold(splitter.next()!)
    splitter.settle()
    read.fill(0xff)
    splitter.push(framed(Buffer.alloc(10)))
    expect(splitter.hold(kept)).toBe(kept)
    expect(kept.equals(frame)).toBe(true)
    expect(splitter.next()!.length).toBe(10)
    return kept
  })
  expect(new Set(held.map(({ buffer }) => buffer)).size).toBe(1)
})

test('kafka splitter: the memory of reads may be used again once it is settled', () => {
  const sent = [7000, 20, 300, 9000].map((length, index) => Buffer.alloc(length, index + 1))
  const stream = Buffer.concat(sent.map(framed))
  const splitter = new RequestSplitter()
  const read = Buffer.alloc(2500)
  const received: Buffer[] = []
  for (let at = 0, count = 0; at < stream.length; at += read.length, count++) {
    splitter.push(read.subarray(0, stream.copy(read, 0, at, at + read.length)))
    if (count % 2 === 1) received.push(...drain(splitter))
    splitter.settle()
    read.fill(0xff)
  }
  received.push(...drain(splitter))
  expect(received.map(frame => frame.equals(sent[frame[0]! - 1]!))).toEqual([
    true,
    true,
    true,
    true,
  ])
})

test('kafka splitter: a large announcement is believed step by step', () => {
  const frame = Buffer.alloc(9 * 1024 * 1024 + 3)
  for (let at = 0; at < frame.length; at += 4096) frame[at] = (at / 4096) & 0xff
  const splitter = new RequestSplitter()
  splitter.push(framed(frame).subarray(0, 100))
  expect(splitter.next()).toBeUndefined()
  expect(splitter.pendingBytes).toBe(96)
  for (let at = 96; at < frame.length; at += 1_000_000) {
    expect(splitter.next()).toBeUndefined()
    splitter.push(frame.subarray(at, at + 1_000_000))
  }
  expect(splitter.next()!.equals(frame)).toBe(true)
})

describe('kafka splitter: refuses', () => {
  test.each([
    ['a negative size', 'ffffffff'],
    ['a size above the limit', '00000401'],
    ['another protocol', '474554202f20485454502f312e31'],
  ])('%s', (_, hex) => {
    const splitter = new RequestSplitter(1024)
    splitter.push(Buffer.from(hex, 'hex'))
    expect(() => splitter.next()).toThrow(MalformedError)
  })
})
