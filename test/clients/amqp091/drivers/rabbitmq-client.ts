import {
  type AsyncMessage,
  type Channel,
  Connection,
  type ReturnedMessage,
  type SyncMessage,
} from 'rabbitmq-client'
import {
  ClientError,
  type Closed,
  type Driver,
  type DriverKind,
  type Message,
  type Operations,
  type Properties,
  withReasons,
} from '../driver.ts'
import { Inbox, present } from './inbox.ts'

/** The library shows a name in place of the number that the broker sent. */
const codes: Readonly<Record<string, number>> = {
  ...{ CONNECTION_FORCED: 320, INVALID_PATH: 402, ACCESS_REFUSED: 403, NOT_FOUND: 404 },
  ...{ RESOURCE_LOCKED: 405, PRECONDITION_FAILED: 406, FRAME_ERROR: 501, SYNTAX_ERROR: 502 },
  ...{ COMMAND_INVALID: 503, CHANNEL_ERROR: 504, UNEXPECTED_FRAME: 505, RESOURCE_ERROR: 506 },
  ...{ NOT_ALLOWED: 530, NOT_IMPLEMENTED: 540, INTERNAL_ERROR: 541 },
}

class Opened {
  readonly deliveries = new Inbox<Message>()
  readonly returned = new Inbox<Message>()
  readonly cancelled = new Inbox<{ tag: string }>()
  readonly channel: Channel
  confirms = false

  constructor(channel: Channel, closed: Inbox<Closed>) {
    this.channel = channel
    channel.on('basic.return', message => this.returned.put(messageOf(message)))
    channel.on('basic.cancel', tag => this.cancelled.put({ tag }))
    channel.on('error', error => closed.put(closedOf('channel', error)))
  }
}

type Session = {
  readonly connection: Connection
  readonly closed: Inbox<Closed>
  readonly channels: Map<string, Opened>
}

class RabbitmqClientDriver {
  readonly #address: string
  readonly #sessions = new Map<string, Session>()

  constructor(address: string) {
    this.#address = address
  }

  operations(): Partial<Operations> {
    const operations = {
      ...this.#connections(),
      ...this.#exchanges(),
      ...this.#queues(),
      ...this.#messages(),
      ...this.#consumers(),
      ...this.#transactions(),
    }
    return withReasons(operations, error => {
      const { code, text } = closedOf('channel', error)
      return code === 0 ? error : new ClientError(code, text)
    })
  }

  async close(): Promise<void> {
    for (const name of [...this.#sessions.keys()]) await this.#end(name)
  }

  async #end(name: string): Promise<void> {
    const session = this.#sessions.get(name)
    this.#sessions.delete(name)
    for (const { channel } of session?.channels.values() ?? []) await channel.close()
    await session?.connection.close()
  }

  /** The library connects anew on its own, so a refusal is the first error of many. */
  async #open(
    name: string,
    { user = 'guest', password = 'guest', vhost = '/' } = {},
  ): Promise<Session> {
    const [hostname = '', port] = this.#address.split(':')
    const account = { hostname, port: Number(port), username: user, password, vhost }
    const connection = new Connection({ ...account, noDelay: true, heartbeat: 0 })
    const closed = new Inbox<Closed>()
    await new Promise<void>((resolve, reject) => {
      connection.on('connection', resolve)
      connection.once('error', reject)
    }).catch((error: unknown) => {
      connection.unsafeDestroy()
      throw error
    })
    connection.on('error', error => closed.put(closedOf('connection', error)))
    const session = { connection, closed, channels: new Map<string, Opened>() }
    this.#sessions.set(name, session)
    return session
  }

  async #on(name: string): Promise<Opened> {
    const [root = ''] = name.split('.')
    const { connection, closed, channels } = this.#sessions.get(root) ?? (await this.#open(root))
    const known = channels.get(name)
    if (known?.channel.active) return known
    const channel = await connection.acquire({ emitErrorsFromChannel: true })
    const opened = new Opened(channel, closed)
    channels.set(name, opened)
    return opened
  }

  async #channel(name: string): Promise<Channel> {
    return (await this.#on(name)).channel
  }

  #connections(): Partial<Operations> {
    return {
      open: async ({ connection, ...account }) => {
        await this.#open(connection, account)
        return { capabilities: {} } // The library does not show them.
      },
      close: ({ connection }) => this.#end(connection),
      closeChannel: async ({ channel }) => (await this.#channel(channel)).close(),
      closed: async ({ channel }) => {
        const [name = ''] = channel.split('.')
        const session = this.#sessions.get(name)
        if (session === undefined) throw new Error(`there is no connection ${name}`)
        return session.closed.one('end')
      },
      reset: () => this.close(),
    }
  }

  #exchanges(): Partial<Operations> {
    return {
      declareExchange: async ({ channel, durable = true, ...declare }) =>
        (await this.#channel(channel)).exchangeDeclare({ durable, ...declare }),
      deleteExchange: async ({ channel, ...exchange }) =>
        (await this.#channel(channel)).exchangeDelete(exchange),
      bindExchange: async ({ channel, key: routingKey = '', ...binding }) =>
        (await this.#channel(channel)).exchangeBind({ routingKey, ...binding }),
      unbindExchange: async ({ channel, key: routingKey = '', ...binding }) =>
        (await this.#channel(channel)).exchangeUnbind({ routingKey, ...binding }),
    }
  }

  #queues(): Partial<Operations> {
    return {
      declareQueue: async ({ channel, durable = true, ...declare }) => {
        const declared = await (await this.#channel(channel)).queueDeclare({ durable, ...declare })
        const { queue, messageCount: messages, consumerCount: consumers } = declared
        return { queue, messages, consumers }
      },
      deleteQueue: async ({ channel, ...queue }) => {
        const { messageCount } = await (await this.#channel(channel)).queueDelete(queue)
        return { messages: messageCount }
      },
      purgeQueue: async ({ channel, queue }) => {
        const { messageCount } = await (await this.#channel(channel)).queuePurge({ queue })
        return { messages: messageCount }
      },
      bindQueue: async ({ channel, key: routingKey = '', ...binding }) =>
        (await this.#channel(channel)).queueBind({ routingKey, ...binding }),
      unbindQueue: async ({ channel, key: routingKey = '', ...binding }) =>
        (await this.#channel(channel)).queueUnbind({ routingKey, ...binding }),
    }
  }

  #messages(): Partial<Operations> {
    return {
      confirmSelect: async ({ channel }) => {
        const opened = await this.#on(channel)
        await opened.channel.confirmSelect()
        opened.confirms = true
      },
      publish: async ({ channel, exchange = '', key, bodies, properties, mandatory }) => {
        const opened = await this.#on(channel)
        const envelope = { ...properties, exchange, routingKey: key, mandatory: mandatory === true }
        const outcomes = bodies.map(async body => {
          try {
            await opened.channel.basicPublish({ ...envelope }, Buffer.from(body))
            return 'ack' as const
          } catch (error) {
            if (codeOf(error) === 'NACK') return 'nack' as const
            throw error
          }
        })
        const settled = await Promise.all(outcomes)
        return opened.confirms ? settled : []
      },
      returned: async ({ channel, count, waitMs }) => {
        await new Promise(setImmediate) // The library hands them out so much later.
        return (await this.#on(channel)).returned.take(count, waitMs)
      },
      get: async ({ channel, queue, noAck = false }) => {
        const got = await (await this.#channel(channel)).basicGet({ queue, noAck })
        return got === undefined ? null : messageOf(got)
      },
    }
  }

  #consumers(): Partial<Operations> {
    return {
      qos: async ({ channel, count, global = false }) =>
        (await this.#channel(channel)).basicQos({ prefetchCount: count, global }),
      consume: async ({ channel, tag, ...consume }) => {
        const { channel: on, deliveries } = await this.#on(channel)
        await on.basicConsume({ consumerTag: tag, ...consume }, message =>
          deliveries.put(messageOf(message)),
        )
      },
      cancel: async ({ channel, tag }) => (await this.#channel(channel)).basicCancel(tag),
      cancelled: async ({ channel }) => (await this.#on(channel)).cancelled.one('cancel'),
      deliveries: async ({ channel, count, waitMs }) =>
        (await this.#on(channel)).deliveries.take(count, waitMs),
      ack: async ({ channel, tag, multiple = false }) =>
        (await this.#channel(channel)).basicAck({ deliveryTag: tag, multiple }),
      nack: async ({ channel, tag, multiple = false, requeue = true }) =>
        (await this.#channel(channel)).basicNack({ deliveryTag: tag, multiple, requeue }),
      recover: async ({ channel }) =>
        (await this.#channel(channel)).basicRecover({ requeue: true }),
    }
  }

  #transactions(): Partial<Operations> {
    return {
      txSelect: async ({ channel }) => (await this.#channel(channel)).txSelect(),
      txCommit: async ({ channel }) => (await this.#channel(channel)).txCommit(),
      txRollback: async ({ channel }) => (await this.#channel(channel)).txRollback(),
    }
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : ''

/** The broker's words follow the name of a method; code 0 if there are none. */
function closedOf(what: Closed['what'], error: unknown): Closed {
  const text = error instanceof Error ? error.message.replace(/^\w+: /, '') : String(error)
  return { what, code: codes[codeOf(error)] ?? 0, text }
}

function messageOf(message: AsyncMessage | SyncMessage | ReturnedMessage): Message {
  const known: Readonly<Record<string, unknown>> = { ...message }
  const { contentType, contentEncoding, headers, priority } = known
  const { correlationId, replyTo, expiration, messageId, type, userId, appId } = known
  // The library sends a mode and a time with every message, asked or not.
  const deliveryMode = known['deliveryMode'] === 1 ? null : known['deliveryMode']
  const isStamped = Number(known['timestamp']) > Date.now() / 1000 - 3600
  const timestamp = isStamped ? null : known['timestamp']
  const properties = present({
    ...{ contentType, contentEncoding, headers, deliveryMode, priority },
    ...{ correlationId, replyTo, expiration, messageId, timestamp },
    ...{ type, userId, appId },
  })
  return {
    ...present({
      tag: known['deliveryTag'],
      redelivered: known['redelivered'],
      consumer: known['consumerTag'],
      left: known['messageCount'],
      code: known['replyCode'],
      text: known['replyText'],
    }),
    body: String(message.body),
    exchange: message.exchange,
    key: message.routingKey,
    properties: properties as Properties, // The names are the protocol's, in both.
  }
}

export const rabbitmqClientKind: DriverKind = {
  name: 'rabbitmq-client',
  prepare: async () => {},
  open: async (address): Promise<Driver> => {
    const driver = new RabbitmqClientDriver(address)
    return { operations: driver.operations(), close: () => driver.close() }
  },
}
