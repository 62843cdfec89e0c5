import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { EGRESS_RESERVE_BYTES_MAX } from '../protocols/protocol.ts'
import { SocketEgress } from './egress.ts'

const TURN_PIECES_MAX = 200

async function pair(): Promise<{ near: Socket; far: Socket; close(): void }> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const accepted = once(server, 'connection')
  const far = connect(port, '127.0.0.1')
  const [near] = (await accepted) as [Socket]
  return {
    near,
    far,
    close() {
      near.destroy()
      far.destroy()
      server.close()
    },
  }
}

const turn = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** Bytes that say where in the stream they are. */
function numbered(into: Buffer, start: number, sizeBytes: number, position: number): void {
  for (let index = 0; index < sizeBytes; index++)
    into[start + index] = ((position + index) * 31) % 199
}

const piece = fc.record({
  sizeBytes: fc.integer({ min: 1, max: EGRESS_RESERVE_BYTES_MAX }),
  isReserved: fc.boolean(),
})
/** What two connections write in each turn, and which of them read. */
const turns = fc.array(
  fc.record({
    pieces: fc.array(piece, { maxLength: TURN_PIECES_MAX }),
    who: fc.nat({ max: 1 }),
    isReading: fc.boolean(),
  }),
  { minLength: 1, maxLength: 30 },
)

test('egress: what a slow peer did not take yet stays, though slabs are used again', async () => {
  await fc.assert(
    fc.asyncProperty(turns, async written => {
      const pairs = await Promise.all([pair(), pair()])
      const sides = pairs.map(({ near, far }) => {
        const egress = new SocketEgress(near, () => {})
        const side = { egress, far, sent: 0, received: 0, isAsSent: true }
        far.on('data', (bytes: Buffer) => {
          const expected = Buffer.allocUnsafe(bytes.length)
          numbered(expected, 0, bytes.length, side.received)
          side.received += bytes.length
          side.isAsSent &&= bytes.equals(expected)
        })
        return side
      })
      for (const { pieces, who, isReading } of written) {
        const side = sides[who]!
        const { egress, far } = side
        if (isReading) far.resume()
        else far.pause()
        for (const { sizeBytes, isReserved } of pieces) {
          if (isReserved) {
            const into = egress.reserve(sizeBytes)
            numbered(into, egress.position, sizeBytes, side.sent)
            egress.advance(egress.position + sizeBytes)
          } else {
            const bytes = Buffer.allocUnsafe(sizeBytes)
            numbered(bytes, 0, sizeBytes, side.sent)
            egress.write(bytes)
          }
          side.sent += sizeBytes
        }
        await turn()
        if (pieces.length === 0) egress.tick()
      }
      for (const side of sides) {
        side.far.resume()
        await expect.poll(() => side.received, { interval: 1 }).toBe(side.sent)
        expect(side.isAsSent).toBe(true)
      }
      for (const { close } of pairs) close()
    }),
    { numRuns: 30 },
  )
})
