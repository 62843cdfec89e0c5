import {
  type Channel,
  type ChannelModel,
  type ConfirmChannel,
  connect,
  type GetMessage,
  type Message as Received,
} from 'amqplib'
import {
  ClientError,
  type Closed,
  type Driver,
  type DriverKind,
  type Message,
  type Operations,
  type Properties,
  type Table,
  withReasons,
} from '../driver.ts'
import { Inbox, present } from './inbox.ts'

class Opened {
  readonly deliveries = new Inbox<Message>()
  readonly returned = new Inbox<Message>()
  readonly cancelled = new Inbox<{ tag: string }>()
  readonly channel: Channel
  /** Null unless the channel confirms. */
  readonly confirming: ConfirmChannel | null
  isOpen = true

  constructor(channel: Channel, confirming: ConfirmChannel | null, closed: Inbox<Closed>) {
    this.channel = channel
    this.confirming = confirming
    channel.on('return', message => this.returned.put(messageOf(message)))
    channel.on('error', error => closed.put(closedOf('channel', error)))
    channel.on('close', () => {
      this.isOpen = false
    })
  }
}

class Connection {
  readonly model: ChannelModel
  /** How it or one of its channels ended. */
  readonly closed = new Inbox<Closed>()
  readonly channels = new Map<string, Opened>()
  isOpen = true

  constructor(model: ChannelModel) {
    this.model = model
    model.on('error', error => this.closed.put(closedOf('connection', error)))
    model.on('close', () => {
      this.isOpen = false
    })
  }
}

class AmqplibDriver {
  readonly #address: string
  readonly #connections = new Map<string, Connection>()

  constructor(address: string) {
    this.#address = address
  }

  operations(): Partial<Operations> {
    const operations = {
      ...this.#sessions(),
      ...this.#exchanges(),
      ...this.#queues(),
      ...this.#messages(),
      ...this.#consumers(),
    }
    return withReasons(operations, (error, args) => this.#reasonOf(error, args))
  }

  /** The library tells who waits for an answer no more than that something ended. */
  async #reasonOf(error: unknown, { channel = '' }: { channel?: string }): Promise<unknown> {
    const [name = ''] = channel.split('.')
    const ended = await this.#connections.get(name)?.closed.take(1, 500)
    const { code, text } = ended?.[0] ?? closedOf('connection', error)
    return code === 0 ? error : new ClientError(code, text)
  }

  async close(): Promise<void> {
    for (const { isOpen, model } of this.#connections.values()) {
      if (isOpen) await model.close().catch(() => {})
    }
    this.#connections.clear()
  }

  async #open(
    name: string,
    { user = 'guest', password = 'guest', vhost = '/' } = {},
  ): Promise<Connection> {
    const [hostname = '', port] = this.#address.split(':')
    const account = {
      ...{ protocol: 'amqp', hostname, port: Number(port) },
      ...{ username: user, password, vhost, heartbeat: 0 },
    }
    const model = await connect(account, { noDelay: true })
    const connection = new Connection(model)
    this.#connections.set(name, connection)
    return connection
  }

  async #connectionOf(channel: string): Promise<Connection> {
    const [name = ''] = channel.split('.')
    const known = this.#connections.get(name)
    return known?.isOpen ? known : this.#open(name)
  }

  /** The library has two kinds of channels, with and without confirms. */
  async #on(name: string, confirms?: 'confirms'): Promise<Opened> {
    const { model, closed, channels } = await this.#connectionOf(name)
    const known = channels.get(name)
    if (known?.isOpen && (confirms === undefined || known.confirming !== null)) return known
    const confirming = confirms ? await model.createConfirmChannel() : null
    const opened = new Opened(confirming ?? (await model.createChannel()), confirming, closed)
    channels.set(name, opened)
    return opened
  }

  async #channel(name: string): Promise<Channel> {
    return (await this.#on(name)).channel
  }

  #sessions(): Partial<Operations> {
    return {
      open: async ({ connection, ...account }) => {
        const { model } = await this.#open(connection, account)
        const properties: Table = { ...model.connection.serverProperties }
        return { capabilities: properties['capabilities'] as Table }
      },
      close: async ({ connection }) => {
        await this.#connections.get(connection)?.model.close()
        this.#connections.delete(connection)
      },
      closeChannel: async ({ channel }) => (await this.#channel(channel)).close(),
      closed: async ({ channel }) => {
        const [name = ''] = channel.split('.')
        const connection = this.#connections.get(name)
        if (connection === undefined) throw new Error(`there is no connection ${name}`)
        return connection.closed.one('end')
      },
      reset: () => this.close(),
    }
  }

  #exchanges(): Partial<Operations> {
    return {
      declareExchange: async ({ channel, exchange, type, passive, ...options }) => {
        const on = await this.#channel(channel)
        if (passive === true) await on.checkExchange(exchange)
        else await on.assertExchange(exchange, type, options)
      },
      deleteExchange: async ({ channel, exchange, ...options }) =>
        (await this.#channel(channel)).deleteExchange(exchange, options),
      bindExchange: async ({ channel, destination, source, key = '', arguments: table }) =>
        (await this.#channel(channel)).bindExchange(destination, source, key, table),
      unbindExchange: async ({ channel, destination, source, key = '', arguments: table }) =>
        (await this.#channel(channel)).unbindExchange(destination, source, key, table),
    }
  }

  #queues(): Partial<Operations> {
    return {
      declareQueue: async ({ channel, queue, passive, ...options }) => {
        const on = await this.#channel(channel)
        const declared =
          passive === true ? await on.checkQueue(queue) : await on.assertQueue(queue, options)
        const { messageCount: messages, consumerCount: consumers } = declared
        return { queue: declared.queue, messages, consumers }
      },
      deleteQueue: async ({ channel, queue, ...options }) => {
        const { messageCount } = await (await this.#channel(channel)).deleteQueue(queue, options)
        return { messages: messageCount }
      },
      purgeQueue: async ({ channel, queue }) => {
        const { messageCount } = await (await this.#channel(channel)).purgeQueue(queue)
        return { messages: messageCount }
      },
      bindQueue: async ({ channel, queue, exchange, key = '', arguments: table }) =>
        (await this.#channel(channel)).bindQueue(queue, exchange, key, table),
      unbindQueue: async ({ channel, queue, exchange, key = '', arguments: table }) =>
        (await this.#channel(channel)).unbindQueue(queue, exchange, key, table),
    }
  }

  #messages(): Partial<Operations> {
    return {
      confirmSelect: ({ channel }) => this.#on(channel, 'confirms'),
      publish: async ({ channel, exchange = '', key, bodies, properties = {}, mandatory }) => {
        const { confirming, channel: plain } = await this.#on(channel)
        const options = { ...properties, ...(mandatory === true && { mandatory }) }
        if (confirming === null) {
          for (const body of bodies) plain.publish(exchange, key, Buffer.from(body), options)
          return []
        }
        const confirmed = bodies.map(
          body =>
            new Promise<'ack' | 'nack'>(resolve =>
              confirming.publish(exchange, key, Buffer.from(body), options, error =>
                resolve(error ? 'nack' : 'ack'),
              ),
            ),
        )
        return Promise.all(confirmed)
      },
      returned: async ({ channel, count, waitMs }) =>
        (await this.#on(channel)).returned.take(count, waitMs),
      get: async ({ channel, queue, noAck = false }) => {
        const got = await (await this.#channel(channel)).get(queue, { noAck })
        return got === false ? null : messageOf(got)
      },
    }
  }

  #consumers(): Partial<Operations> {
    const fields = (tag: number): Received => {
      const known = { fields: { deliveryTag: tag } }
      return known as Received // The library reads no more of a message that it settles.
    }
    return {
      qos: async ({ channel, count, global = false }) =>
        (await this.#channel(channel)).prefetch(count, global),
      consume: async ({ channel, queue, tag, ...options }) => {
        const opened = await this.#on(channel)
        const received = (message: Received | null): void => {
          if (message === null) opened.cancelled.put({ tag })
          else opened.deliveries.put(messageOf(message))
        }
        await opened.channel.consume(queue, received, { consumerTag: tag, ...options })
      },
      cancel: async ({ channel, tag }) => (await this.#channel(channel)).cancel(tag),
      cancelled: async ({ channel }) => (await this.#on(channel)).cancelled.one('cancel'),
      deliveries: async ({ channel, count, waitMs }) =>
        (await this.#on(channel)).deliveries.take(count, waitMs),
      ack: async ({ channel, tag, multiple }) =>
        (await this.#channel(channel)).ack(fields(tag), multiple),
      nack: async ({ channel, tag, multiple, requeue }) =>
        (await this.#channel(channel)).nack(fields(tag), multiple, requeue),
      reject: async ({ channel, tag, requeue }) =>
        (await this.#channel(channel)).reject(fields(tag), requeue),
      recover: async ({ channel }) => (await this.#channel(channel)).recover(),
    }
  }
}

/** The library puts the broker's words into a sentence of its own; code 0 if there are none. */
function closedOf(what: Closed['what'], error: unknown): Closed {
  const said = /; (\d+) \(|: (\d+) \(/.exec(String(error))
  const text = /with message "([\s\S]*)"/.exec(String(error))?.[1] ?? String(error)
  return { what, code: Number(said?.[1] ?? said?.[2] ?? 0), text }
}

function messageOf({ content, fields, properties }: Received | GetMessage): Message {
  const known: Readonly<Record<string, unknown>> = { ...fields }
  const { clusterId: _, ...named } = properties
  return {
    ...present({
      tag: known['deliveryTag'],
      redelivered: known['redelivered'],
      consumer: known['consumerTag'],
      left: known['messageCount'],
      code: known['replyCode'],
      text: known['replyText'],
    }),
    body: content.toString(),
    exchange: fields.exchange,
    key: fields.routingKey,
    properties: present(named) as Properties, // The names are the protocol's, in both.
  }
}

export const amqplibKind: DriverKind = {
  name: 'amqplib',
  prepare: async () => {},
  open: async (address): Promise<Driver> => {
    const driver = new AmqplibDriver(address)
    return { operations: driver.operations(), close: () => driver.close() }
  },
}
