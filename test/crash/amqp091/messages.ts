import type { Properties } from '../../../src/protocols/amqp091/channel/content/properties.ts'
import type { Message } from '../../amqp091/socket-client.ts'
import type { Scene } from './scene.ts'
import { DELAY_MS_MAX, int, table, text } from './topology.ts'

/** How one message is published, and where it has to be then. */
export type Draft = {
  readonly exchange: string
  readonly routingKey: string
  readonly queues: readonly string[]
  readonly properties: Partial<Properties>
  readonly delayMs: number
}

const toQueue = (queue: string): Draft => ({
  exchange: '',
  routingKey: queue,
  queues: [queue],
  properties: {},
  delayMs: 0,
})

const copies = { CC: { type: 'array', value: [text('plain'), text('quorum')] } } as const

export function draft(scene: Scene): Draft {
  const { name, make } = scene.pick(kinds)
  const made = make(scene, toQueue(name))
  return { ...made, properties: { ...made.properties, deliveryMode: 2 } }
}

type Kind = { readonly name: string; make(scene: Scene, plain: Draft): Draft }
const asIs = (_: Scene, plain: Draft): Draft => plain

const kinds: readonly Kind[] = [
  { name: 'plain', make: asIs },
  { name: 'quorum', make: asIs },
  { name: 'tx-1', make: asIs },
  { name: 'work', make: asIs },
  { name: 'brief', make: (_, plain) => ({ ...plain, queues: ['dead'] }) },
  {
    name: 'priority',
    make: (scene, plain) => ({ ...plain, properties: { priority: scene.below(7) } }),
  },
  {
    name: 'fan',
    make: (_, plain) => ({ ...plain, exchange: 'fan', queues: ['fan-1', 'fan-2', 'fan-3'] }),
  },
  {
    name: 'delayed',
    make: (scene, plain) => {
      const delayMs = scene.below(DELAY_MS_MAX)
      const headers = table({ 'x-delay': int(delayMs) })
      return { ...plain, exchange: 'later', properties: { headers }, delayMs }
    },
  },
  {
    name: 'tx-2',
    make: (_, plain) => {
      const queues = ['tx-2', 'plain', 'quorum']
      return { ...plain, queues, properties: { headers: table(copies) } }
    },
  },
]

/** Most are small; some are stored apart when they go to several queues. */
export function bodyOf(scene: Scene, id: string): Buffer {
  const padding = scene.chance(0.1) ? scene.below(6000) : scene.below(40)
  return Buffer.from(`${id} ${'x'.repeat(scene.paddingBytes + padding)}`)
}

/** The id, of a body that is as it was made. */
export function idOf({ body }: Message): string {
  const end = body.indexOf(0x20)
  const isWhole = end > 0 && body.subarray(end + 1).every(byte => byte === 0x78)
  return isWhole ? body.toString('latin1', 0, end) : `broken body ${body.toString('latin1')}`
}
