import { mkdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { FrameSplitter } from '../../src/protocols/amqp091/codec/index.ts'
import { connectionStart } from '../../src/protocols/amqp091/schema/index.ts'
import { launch } from '../../test/clients/brokers.ts'
import { rabbitmq } from '../../test/clients/amqp091/rabbitmq.ts'
import { scripts } from './scripts.ts'

/**
 * Records what amqplib and Debian's RabbitMQ say to each other, as src/protocols/amqp091/vectors.
 *
 * But for connection.start, which is about the product.
 *
 *     npx tsx tools/amqp091-vectors/record.ts
 */
const folder = new URL('../../src/protocols/amqp091/vectors/', import.meta.url)
const HEADER_BYTES = 8

type Line = `${'C' | 'S'} ${string}`

/** Passes bytes on, and writes down each frame once all of it was seen. */
function tap(from: Socket, to: Socket, side: 'C' | 'S', lines: Line[]): void {
  const splitter = new FrameSplitter(1 << 20)
  let isHeaderDue = side === 'C'
  from.on('data', bytes => {
    to.write(bytes)
    let rest = bytes
    if (isHeaderDue) {
      lines.push(`C ${bytes.toString('hex', 0, HEADER_BYTES)}`)
      rest = bytes.subarray(HEADER_BYTES)
      isHeaderDue = false
    }
    splitter.push(Buffer.from(rest))
    while (splitter.next()) {
      const { start, end } = splitter
      if (splitter.bytes.readInt32BE(start) === connectionStart.key) continue
      // The frame lies whole in one buffer: its head is in front of the payload.
      lines.push(`${side} ${splitter.bytes.toString('hex', start - 7, end + 1)}`)
    }
  })
  from.on('close', () => to.destroy())
  from.on('error', () => to.destroy())
}

const broker = await launch(await rabbitmq())
try {
  mkdirSync(folder, { recursive: true })
  const [host = '', port = ''] = broker.address.split(':')
  for (const script of scripts) {
    const { name, about } = script
    const lines: Line[] = []
    const proxy = createServer({ noDelay: true }, client => {
      const server = connect({ host, port: Number(port), noDelay: true })
      tap(client, server, 'C', lines)
      tap(server, client, 'S', lines)
    })
    await new Promise<void>(resolve => proxy.listen(0, '127.0.0.1', resolve))
    await script.run(`amqp://127.0.0.1:${(proxy.address() as AddressInfo).port}`)
    proxy.close()
    writeFileSync(new URL(`${name}.txt`, folder), `# ${about}\n${lines.join('\n')}\n`)
    process.stdout.write(`${name}: ${lines.length} frames\n`)
  }
} finally {
  await broker.stop()
}
