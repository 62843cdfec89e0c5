import { type CommonProperties, type CommonValue, propertiesNone } from '../../message/common.ts'
import type { Mappings } from '../../message/mapping.ts'
import { origins } from '../../message/origin.ts'
import { Publication, type Sender } from '../../message/publication.ts'
import type { StoredMessage } from '../../message/stored-message.ts'
import type { Route } from '../routing/index.ts'
import type { Runtime } from '../runtime.ts'
import type { MessagePublisher } from './message-publisher.ts'
import type { Target } from './target.ts'

/** RabbitMQ's, in every namespace. */
const TRACE_EXCHANGE = 'amq.rabbitmq.trace'
const NOBODY: Sender = { connection: '', channel: 0, user: '' }

export type TracedDelivery = {
  readonly namespace: string
  readonly queue: string
  readonly message: StoredMessage
  readonly isRedelivered: boolean
  readonly receiver: Sender
}

/**
 * The firehose: a copy of every message that is published or handed out in a namespace goes to an
 * exchange of its own, with what is known of it in headers. As with RabbitMQ it is off at a start.
 */
export class Tracing {
  /** False while no namespace is traced. All that a message costs then is to look here. */
  isActive = false
  readonly #runtime: Runtime
  readonly #publisher: MessagePublisher
  readonly #mappings: Mappings
  readonly #namespaces = new Set<string>()
  /** A trace is not traced. */
  #isTracing = false

  constructor(runtime: Runtime, parts: { publisher: MessagePublisher; mappings: Mappings }) {
    this.#runtime = runtime
    this.#publisher = parts.publisher
    this.#mappings = parts.mappings
  }

  set(namespace: string, isOn: boolean): void {
    if (isOn) this.#namespaces.add(namespace)
    else this.#namespaces.delete(namespace)
    this.isActive = this.#namespaces.size > 0
  }

  isOn(namespace: string): boolean {
    return this.#namespaces.has(namespace)
  }

  /** Publishes a message, and then what became of it. */
  publish(route: Route, publication: Publication): number {
    const names: string[] = []
    const accepts = (target: Target): boolean => {
      names.push(target.name)
      return true
    }
    const current = route.isStale
      ? this.#publisher.route(route.namespace, route.exchange, route.routingKey)
      : route
    const bits = this.#publisher.forward(current, publication, { accepts })
    if (!this.#isTraced(route.namespace, route.exchange)) return bits
    const { properties, propertiesStart, propertiesEnd, origin } = publication
    const { channel, connection, user } = publication.sender ?? NOBODY
    const common = this.#commonOf(origin, properties.subarray(propertiesStart, propertiesEnd))
    const headers = new Map<string, CommonValue>([
      ['exchange_name', route.exchange],
      ['routing_keys', [route.routingKey, ...(publication.copies ?? [])]],
      ['properties', propertyTable(common)],
      ['node', this.#node],
      ['vhost', route.namespace],
      ['connection', connection],
      ['channel', channel],
      ['user', user],
      ['routed_queues', names],
    ])
    const { body, bodyStart, bodyEnd } = publication
    this.#trace(route.namespace, `publish.${route.exchange}`, headers, { body, bodyStart, bodyEnd })
    return bits
  }

  /** To be called for each message that is handed out while `isActive`. */
  delivered(delivery: TracedDelivery): void {
    const { message, namespace, queue, receiver } = delivery
    const exchange = message.exchange()
    if (!this.#isTraced(namespace, exchange)) return
    const common = this.#commonOf(message.origin, propertiesOf(message))
    const headers = new Map<string, CommonValue>([
      ['exchange_name', exchange],
      ['routing_keys', [message.routingKey()]],
      ['properties', propertyTable(common)],
      ['node', this.#node],
      ['redelivered', delivery.isRedelivered ? 1 : 0],
      ['vhost', namespace],
      ['connection', receiver.connection],
      ['channel', receiver.channel],
      ['user', receiver.user],
    ])
    this.#trace(namespace, `deliver.${queue}`, headers, message)
  }

  get #node(): string {
    return `sabir@${this.#runtime.settings.nodeId}`
  }

  #isTraced(namespace: string, exchange: string): boolean {
    return !this.#isTracing && this.#namespaces.has(namespace) && exchange !== TRACE_EXCHANGE
  }

  #commonOf(origin: Publication['origin'], properties: Buffer): CommonProperties {
    return this.#mappings.of(origin).toCommon(properties)
  }

  #trace(
    namespace: string,
    key: string,
    headers: ReadonlyMap<string, CommonValue>,
    bytes: { readonly body: Buffer; readonly bodyStart: number; readonly bodyEnd: number },
  ): void {
    // A name of 255 bytes and its prefix are more than a routing key may have.
    const routingKey = Buffer.from(key).subarray(0, 255).toString()
    const route = this.#publisher.innerRoute(namespace, TRACE_EXCHANGE, routingKey)
    if (route === undefined) return
    const publication = new Publication()
    publication.addressTo(TRACE_EXCHANGE, routingKey)
    publication.origin = origins.amqp091
    publication.properties = this.#mappings
      .of(origins.amqp091)
      .fromCommon({ ...propertiesNone, headers })
    publication.propertiesEnd = publication.properties.length
    publication.body = bytes.body
    publication.bodyStart = bytes.bodyStart
    publication.bodyEnd = bytes.bodyEnd
    this.#isTracing = true
    try {
      this.#publisher.forward(route, publication, { accepts: () => true })
    } finally {
      this.#isTracing = false
    }
  }
}

/** Headers of records of Kafka producers are their properties. */
export const propertiesOf = (message: StoredMessage): Buffer =>
  message.origin === origins.kafka && message.headerCount > 0
    ? message.bytes.subarray(message.headersStart, message.headersEnd)
    : message.properties()

/** Under the names of AMQP 0-9-1's fields, those that are there. */
function propertyTable(common: CommonProperties): ReadonlyMap<string, CommonValue> {
  const seconds = common.timestamp === null ? null : Math.floor(common.timestamp / 1000)
  const fields: readonly (readonly [string, CommonValue])[] = [
    ['content_type', common.contentType],
    ['content_encoding', common.contentEncoding],
    ['headers', common.headers.size === 0 ? null : common.headers],
    ['delivery_mode', common.isPersistent ? 2 : 1],
    ['priority', common.priority],
    ['correlation_id', common.correlationId],
    ['reply_to', common.replyTo],
    ['expiration', common.ttlMs === null ? null : String(common.ttlMs)],
    ['message_id', common.messageId],
    ['timestamp', seconds],
    ['type', common.subject],
    ['user_id', common.userId],
    ['app_id', common.appId],
  ]
  return new Map(fields.filter(([, value]) => value !== null))
}
