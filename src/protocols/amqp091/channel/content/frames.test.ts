import { expect, test } from 'vitest'
import { limits } from '../../../../limits/limits.ts'
import { FRAME_END, FRAME_HEAD_BYTES, frameType } from '../../constants.ts'
import { ContentFrames } from './frames.ts'

const FRAME_MAX = 131_072

/** What is sent: copies of what is encoded in place, and what is handed over as it is. */
function sink() {
  const sent: Buffer[] = []
  let slab = Buffer.alloc(0)
  const egress = {
    reserve: (sizeBytes: number) => (slab = Buffer.alloc(sizeBytes)),
    position: 0,
    advance: (end: number) => void sent.push(slab.subarray(0, end)),
    write: (bytes: Buffer) => void sent.push(bytes),
    whenTaken: () => {},
    congested: false,
    pendingBytes: 0,
    end() {},
    destroy() {},
  }
  return { frames: new ContentFrames(egress, 1, FRAME_MAX), sent: () => Buffer.concat(sent) }
}

function bodyOf(sent: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0; at < sent.length; ) {
    const end = at + FRAME_HEAD_BYTES + sent.readUInt32BE(at + 3)
    expect(sent[end]).toBe(FRAME_END)
    if (sent[at] === frameType.BODY) parts.push(sent.subarray(at + FRAME_HEAD_BYTES, end))
    at = end + 1
  }
  return Buffer.concat(parts)
}

test.each([0, 1, 5000, 16_384, 131_064, 131_065, 1024 * 1024, limits.lentBodyBytesMax])(
  'frames: of a body that is lent, %d bytes, nothing is kept',
  sizeBytes => {
    const { frames, sent } = sink()
    const body = Buffer.alloc(sizeBytes + 2, 1)
    body.set([2], 0)
    Object.assign(frames.body, { bytes: body, start: 1, end: sizeBytes + 1 })
    frames.deliver(Buffer.from([0, 60, 0, 60, 1, 0x63]), 1, false)
    body.fill(9)
    expect(bodyOf(sent()).equals(Buffer.alloc(sizeBytes, 1))).toBe(true)
  },
)

test('frames: a larger body is not copied', () => {
  const { frames, sent } = sink()
  const sizeBytes = limits.lentBodyBytesMax + 1
  const body = Buffer.alloc(sizeBytes, 1)
  Object.assign(frames.body, { bytes: body, start: 0, end: sizeBytes })
  frames.deliver(Buffer.from([0, 60, 0, 60, 1, 0x63]), 1, false)
  body.fill(9)
  expect(bodyOf(sent()).equals(body)).toBe(true)
})
