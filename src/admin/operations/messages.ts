import * as z from 'zod'
import { Offset } from '../../lib/brand.ts'
import { change, safe } from '../change.ts'
import { browse } from '../messages/browse.ts'
import { publish } from '../messages/publish.ts'
import { take } from '../messages/take.ts'
import { operation } from '../operation.ts'
import { count, json, namedIn, namespace } from '../shapes.ts'
import { queueOf } from './queues.ts'

const COUNT_MAX = 100_000
const messages = z.number().int().positive().max(COUNT_MAX).default(1)
const text = z.string().optional()

const start = z.union([
  z.strictObject({ kind: z.enum(['first', 'last', 'next']) }),
  z.strictObject({ kind: z.literal('offset'), offset: count }),
  z.strictObject({ kind: z.literal('time'), millis: count }),
])

const properties = z.strictObject({
  contentType: text,
  contentEncoding: text,
  messageId: text,
  correlationId: text,
  replyTo: text,
  subject: text,
  appId: text,
  priority: z.number().int().min(0).max(255).optional(),
  ttlMs: count.optional(),
  isPersistent: z.boolean().optional(),
})

export const messageOperations = [
  change(
    'get-messages',
    namedIn.extend({ count: messages, isKept: z.boolean() }),
    (context, asked) => take(context.broker, queueOf(context.broker, asked), asked),
  ),
  operation(
    'browse-messages',
    namedIn.extend({
      count: messages,
      start: start.default({ kind: 'first' }),
      isAll: z.boolean().default(false),
    }),
    ({ broker }, asked) => {
      const { start: from } = asked
      const begin = from.kind === 'offset' ? { ...from, offset: Offset(from.offset) } : from
      return browse(broker, { ...asked, start: begin })
    },
  ),
  operation(
    'publish-messages',
    z.strictObject({
      namespace,
      exchange: z.string().default(''),
      routingKey: z.string().default(''),
      key: text,
      properties: properties.default({}),
      headers: json.default({}),
      /** Each a message of its own; base64. */
      bodies: z.array(z.string()),
    }),
    async ({ broker }, { bodies, key, properties: said, ...address }) => {
      let routed = 0
      const given = Object.entries(said).filter(([, value]) => value !== undefined)
      for (const body of bodies) {
        const isRouted = publish(broker, {
          ...address,
          body: Buffer.from(body, 'base64'),
          properties: {
            ...Object.fromEntries(given),
            ...(key === undefined ? {} : { key: Buffer.from(key) }),
          },
        })
        if (isRouted) routed++
      }
      await safe(broker)
      return { published: bodies.length, routed }
    },
  ),
]
