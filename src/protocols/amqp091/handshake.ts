import type { User } from '../../broker/access/index.ts'
import type { Broker } from '../../broker/broker.ts'
import type { Peer } from '../protocol.ts'
import type { ClientCapabilities } from './channel-port.ts'
import { emptyTable, type FieldTable, jsonOf } from './codec/index.ts'
import { CHANNEL_MAX, FRAME_MAX, FRAME_MIN, HEARTBEAT_SECONDS } from './constants.ts'
import { AmqpError } from './errors.ts'
import type { Agreement } from './open-connection.ts'
import { beginSasl, type SaslStep } from './sasl.ts'
import {
  type connectionOpen,
  type connectionStartOk,
  type connectionTuneOk,
  type ShapeOf,
} from './schema/index.ts'

type StartOk = ShapeOf<typeof connectionStartOk.fields>
type TuneOk = ShapeOf<typeof connectionTuneOk.fields>
type Open = ShapeOf<typeof connectionOpen.fields>

/** What the client says of itself and what is agreed on, until the connection is open. */
export class Handshake {
  readonly #broker: Broker
  readonly #peer: Peer
  readonly #startedAt: number
  #clientProperties: FieldTable = emptyTable
  #mechanism = ''
  #exchange: ((response: Buffer) => SaslStep | Promise<SaslStep>) | null = null
  #user: User | null = null
  #tuned: TuneOk = { channelMax: CHANNEL_MAX, frameMax: FRAME_MAX, heartbeat: HEARTBEAT_SECONDS }
  capabilities: ClientCapabilities = capabilitiesOf(emptyTable)

  constructor(broker: Broker, peer: Peer) {
    this.#broker = broker
    this.#peer = peer
    this.#startedAt = peer.now()
  }

  get mechanism(): string {
    return this.#mechanism
  }

  startOk({ clientProperties, mechanism, response }: StartOk): SaslStep | Promise<SaslStep> {
    this.#clientProperties = clientProperties
    this.capabilities = capabilitiesOf(clientProperties)
    this.#mechanism = mechanism
    this.#exchange = beginSasl(mechanism, this.#broker.access, this.#peer)
    return this.#exchange(response)
  }

  secureOk(response: Buffer): SaslStep | Promise<SaslStep> {
    return this.#exchange!(response) // There is one in every state that lets secure-ok through.
  }

  authenticated(user: User): void {
    this.#user = user
  }

  /** What was offered may be lowered, not raised. */
  tuneOk(tuneOk: TuneOk): void {
    checkTuned('frame_max', tuneOk.frameMax, FRAME_MIN, FRAME_MAX)
    checkTuned('channel_max', tuneOk.channelMax, 1, CHANNEL_MAX)
    this.#tuned = tuneOk
  }

  /** Throws NOT_ALLOWED when the namespace is not there, or not for this user. */
  open({ virtualHost }: Open): Agreement {
    const user = this.#user!
    const { namespaces, access, sessions } = this.#broker
    if (!namespaces.has(virtualHost))
      throw new AmqpError('NOT_ALLOWED', `vhost ${virtualHost} not found`)
    const flaw = sessions.limitFlaw(user, virtualHost)
    if (flaw !== undefined) throw new AmqpError('NOT_ALLOWED', flaw)
    if (!access.mayEnter(user, virtualHost))
      throw new AmqpError(
        'NOT_ALLOWED',
        `access to vhost '${virtualHost}' refused for user '${user.name}'`,
      )
    return {
      user,
      namespace: virtualHost,
      capabilities: this.capabilities,
      frameMax: this.#tuned.frameMax,
      channelMax: this.#tuned.channelMax,
      facts: this.#facts(),
    }
  }

  /** By the names of RabbitMQ's list_connections. */
  #facts(): Record<string, unknown> {
    const { remote, local, isTls, certificate } = this.#peer
    const clientProperties = jsonOf(this.#clientProperties)
    const name = clientProperties['connection_name']
    return {
      name: `${remote.host}:${remote.port} -> ${local.host}:${local.port}`,
      user_provided_name: typeof name === 'string' ? name : '',
      port: local.port,
      host: local.host,
      peer_port: remote.port,
      peer_host: remote.host,
      ssl: isTls,
      peer_cert_subject: certificate?.subject ?? '',
      protocol: [0, 9, 1],
      auth_mechanism: this.#mechanism,
      timeout: this.#tuned.heartbeat,
      frame_max: this.#tuned.frameMax,
      channel_max: this.#tuned.channelMax,
      client_properties: clientProperties,
      connected_at: this.#startedAt,
    }
  }
}

function checkTuned(field: string, value: number, min: number, max: number): void {
  const isUnlimited = value === 0
  if (!isUnlimited && value >= min && value <= max) return
  const detail = isUnlimited && field === 'channel_max' ? ' (no limit)' : ''
  const bound =
    isUnlimited || value > max
      ? `higher than the maximum allowed value (${max})`
      : `lower than the minimum allowed value (${min})`
  throw new AmqpError('NOT_ALLOWED', `negotiated ${field} = ${value}${detail} is ${bound}`)
}

function capabilitiesOf(properties: FieldTable): ClientCapabilities {
  const field = properties.get('capabilities')
  const table = field?.type === 'table' ? field.value : emptyTable
  const has = (name: string): boolean => table.get(name)?.value === true
  return {
    basicNack: has('basic.nack'),
    publisherConfirms: has('publisher_confirms'),
    consumerCancelNotify: has('consumer_cancel_notify'),
    exchangeExchangeBindings: has('exchange_exchange_bindings'),
    authenticationFailureClose: has('authentication_failure_close'),
    connectionBlocked: has('connection.blocked'),
  }
}
