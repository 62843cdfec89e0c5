import { InvariantError } from '../../lib/assert.ts'
import type { Millis } from '../../lib/brand.ts'
import { limits } from '../../limits/limits.ts'
import type { Connection, Peer } from '../protocol.ts'
import { FrameSplitter, methodFrame, readMethod } from './codec/index.ts'
import {
  CHANNEL_MAX,
  FRAME_HANDSHAKE_MAX,
  FRAME_MAX,
  frameType,
  HEARTBEAT_SECONDS,
  PROTOCOL_HEADER,
} from './constants.ts'
import { AmqpError, amqpErrorOf } from './errors.ts'
import { Handshake } from './handshake.ts'
import { Heartbeat, heartbeatFrame } from './heartbeat.ts'
import { OpenConnection, type Wire } from './open-connection.ts'
import { type Phase, unexpectedFrame, unwelcome, welcome } from './phases.ts'
import { answerHeader } from './protocol-header.ts'
import { offeredMechanisms, type SaslStep } from './sasl.ts'
import * as schema from './schema/index.ts'
import type { Method } from './schema/index.ts'
import { serverProperties } from './server-properties.ts'
import type { Services } from './services.ts'

/** A client that could not prove who it is waits so long before it may try again. */
const REFUSED_MS = 3000
/** How long a client may take to say that it knows the connection is closed. */
const CLOSING_MS = 30_000

/** One client: the handshake (section 2.2.4), then frames until somebody closes. */
export class AmqpConnection implements Connection, Wire {
  readonly borrowsReads = true
  readonly #peer: Peer
  readonly #services: Services
  readonly #splitter = new FrameSplitter(FRAME_HANDSHAKE_MAX)
  readonly #heartbeat: Heartbeat
  readonly #startedAt: Millis
  readonly #pausers = new Set<object>()
  #handshake: Handshake
  #open: OpenConnection | null = null
  #phase: Phase = 'header'
  #header: Buffer = Buffer.alloc(0)
  #isWorking = false
  #isSocketPaused = false
  /** A frame was refused for now: its channel waits for something. */
  #isHeld = false
  /** When to hang up, at the latest. */
  #endAt: number | null = null
  #blockedReason: string | null = null
  #isBlockedSent = false

  constructor(peer: Peer, services: Services) {
    this.#peer = peer
    this.#services = services
    this.#startedAt = peer.now()
    this.#heartbeat = new Heartbeat(this.#startedAt)
    this.#handshake = new Handshake(services.broker, peer)
  }

  receive(bytes: Buffer): void {
    if (this.#phase === 'closed') return
    this.#heartbeat.heard()
    if (this.#phase === 'header') return this.#receiveHeader(bytes)
    this.#splitter.push(bytes)
    this.#work()
    this.#splitter.settle()
  }

  drained(): void {
    this.#open?.drained()
    this.#work()
  }

  tick(now: Millis): void {
    if (this.#endAt !== null && now >= this.#endAt) return this.#hangUp()
    if (this.#phase === 'closed') return
    if (this.#open === null && this.#endAt === null) {
      if (now - this.#startedAt > limits.handshakeMs) this.#drop('the handshake took too long')
      return
    }
    const isDeaf = this.#isSocketPaused || this.#peer.egress.congested
    const beat = this.#heartbeat.tick(now, isDeaf)
    if (beat === 'dead') return this.#drop(`missed heartbeats, ${this.#heartbeat.seconds}s`)
    if (beat === 'send' && !this.#peer.egress.congested) this.#peer.egress.write(heartbeatFrame)
    if (this.#phase === 'running') this.#open!.tick(now)
  }

  stopping(): void {
    if (this.#phase !== 'running') return this.#hangUp()
    this.fail(
      new AmqpError('CONNECTION_FORCED', "broker forced connection closure with reason 'shutdown'"),
      0,
    )
  }

  closed(): void {
    this.#phase = 'closed'
    this.#endAt = null
    this.#open?.closed()
  }

  pause(who: object): void {
    this.#pausers.add(who)
    this.#updateReading()
  }

  resume(who: object): void {
    if (this.#pausers.delete(who)) this.wake()
  }

  wake(): void {
    this.#isHeld = false
    this.#work()
  }

  get isBlocked(): boolean {
    return this.#blockedReason !== null
  }

  blocked(reason: string | null): void {
    this.#blockedReason = reason
    if (reason !== null) return
    if (this.#isBlockedSent) this.#send(schema.connectionUnblocked, {})
    this.#isBlockedSent = false
    this.resume(this)
  }

  /** As RabbitMQ does: who only consumes never notices. */
  messageCame(): void {
    if (this.#handshake.capabilities.connectionBlocked && !this.#isBlockedSent) {
      this.#isBlockedSent = true
      this.#send(schema.connectionBlocked, { reason: this.#blockedReason ?? '' })
    }
    this.pause(this)
  }

  fail(error: AmqpError, key: number): void {
    if (this.#phase === 'closing' || this.#phase === 'closed') return
    const { cause } = error
    const facts = { reason: error.replyText, phase: this.#phase }
    if (cause === undefined) this.#peer.logger.warn(facts, 'closing an AMQP connection')
    else this.#peer.logger.error({ ...facts, error: causeText(cause) }, 'an AMQP request failed')
    this.#open?.closed()
    this.#send(schema.connectionClose, {
      replyCode: error.code,
      replyText: error.replyText,
      classId: key >>> 16,
      methodId: key & 0xffff,
    })
    this.#beginClosing(this.#open === null ? REFUSED_MS : CLOSING_MS)
  }

  #receiveHeader(bytes: Buffer): void {
    const whole = this.#header.length === 0 ? bytes : Buffer.concat([this.#header, bytes])
    const answer = answerHeader(whole)
    if (answer === 'unsure') {
      this.#header = Buffer.from(whole)
      return
    }
    this.#header = Buffer.alloc(0)
    if (answer === 'refused') {
      this.#peer.logger.info({}, 'closed: the peer does not speak AMQP 0-9-1')
      this.#peer.egress.write(PROTOCOL_HEADER)
      return this.#hangUp()
    }
    this.#phase = 'starting'
    this.#send(schema.connectionStart, {
      ...answer,
      serverProperties: serverProperties(this.#services.broker.runtime.settings.nodeId),
      mechanisms: Buffer.from(offeredMechanisms(this.#peer)),
      locales: Buffer.from('en_US'),
    })
    const rest = whole.subarray(PROTOCOL_HEADER.length)
    if (rest.length > 0) this.receive(rest)
  }

  /** Handles what has come, as far as nobody is waited for. */
  #work(): void {
    if (this.#isWorking) return
    this.#isWorking = true
    try {
      while (this.#mayWork() && this.#splitter.next()) this.#frame()
    } catch (error) {
      if (!(error instanceof AmqpError)) throw error
      this.#lostTrack(error)
    } finally {
      this.#isWorking = false
    }
    this.#updateReading()
  }

  #mayWork(): boolean {
    return (
      this.#phase !== 'closed' &&
      this.#pausers.size === 0 &&
      !this.#isHeld &&
      !this.#peer.egress.congested
    )
  }

  #frame(): void {
    const splitter = this.#splitter
    if (splitter.channel === 0) return this.#controlFrame()
    if (this.#phase === 'running') {
      if (this.#open!.frame(splitter)) return
      splitter.again()
      this.#isHeld = true
    } else if (this.#phase !== 'closing') this.fail(unexpectedFrame(splitter), 0)
  }

  /** A frame of channel 0, which is the connection itself. */
  #controlFrame(): void {
    const { type, bytes, start, end } = this.#splitter
    if (type === frameType.HEARTBEAT) return
    const isClosing = this.#phase === 'closing'
    if (type !== frameType.METHOD || end - start < 4) {
      if (!isClosing) this.fail(unexpectedFrame(this.#splitter), 0)
      return
    }
    const key = bytes.readInt32BE(start)
    const method = welcome[this.#phase].find(one => one.key === key)
    if (method === undefined) {
      if (!isClosing) this.fail(unwelcome(this.#phase, key), key)
      return
    }
    try {
      this.#control(method, readMethod(method, bytes, start + 4, end))
    } catch (error) {
      this.fail(amqpErrorOf(error), key)
    }
  }

  #control(method: Method, fields: object): void {
    switch (method.key) {
      case schema.connectionStartOk.key:
        this.#phase = 'securing'
        return this.#authenticate(this.#handshake.startOk(fields as never))
      case schema.connectionSecureOk.key:
        return this.#authenticate(this.#handshake.secureOk((fields as SecureOk).response))
      case schema.connectionTuneOk.key:
        return this.#tuned(fields as TuneOk)
      case schema.connectionOpen.key:
        return this.#opened(fields as never)
      case schema.connectionUpdateSecret.key:
        return this.#updateSecret()
      case schema.connectionClose.key:
        this.#open?.closed()
        this.#send(schema.connectionCloseOk, {})
        return this.#hangUp()
      case schema.connectionCloseOk.key:
        return this.#hangUp()
    }
  }

  #authenticate(answer: SaslStep | Promise<SaslStep>): void {
    if (!(answer instanceof Promise)) return this.#authenticated(answer)
    const waiting = {}
    this.pause(waiting)
    void answer
      .then(step => this.#phase === 'securing' && this.#authenticated(step))
      .catch((error: unknown) => {
        if (error instanceof InvariantError) throw error
        this.fail(amqpErrorOf(error), schema.connectionStartOk.key)
      })
      .then(() => this.resume(waiting))
  }

  #authenticated(step: SaslStep): void {
    if (step.kind === 'challenge') {
      this.#send(schema.connectionSecure, { challenge: step.challenge })
    } else if (step.kind === 'user') {
      this.#handshake.authenticated(step.user)
      this.#phase = 'tuning'
      this.#send(schema.connectionTune, {
        channelMax: CHANNEL_MAX,
        frameMax: FRAME_MAX,
        heartbeat: HEARTBEAT_SECONDS,
      })
    } else this.#refuseLogin(step.reason)
  }

  /** The reason is for the log: a client that guesses learns nothing from it. */
  #refuseLogin(reason: string): void {
    const { mechanism, capabilities } = this.#handshake
    this.#peer.logger.warn({ mechanism, reason }, 'an AMQP login was refused')
    if (capabilities.authenticationFailureClose) {
      const error = new AmqpError(
        'ACCESS_REFUSED',
        `Login was refused using authentication mechanism ${mechanism}. ` +
          'For details see the broker logfile.',
      )
      const { code: replyCode, replyText } = error
      this.#send(schema.connectionClose, { replyCode, replyText, classId: 0, methodId: 0 })
    }
    this.#beginClosing(REFUSED_MS)
  }

  #tuned(tuneOk: TuneOk): void {
    this.#handshake.tuneOk(tuneOk)
    this.#splitter.frameMax = tuneOk.frameMax
    this.#heartbeat.begin(tuneOk.heartbeat, this.#peer.now())
    this.#phase = 'opening'
  }

  #opened(open: Parameters<Handshake['open']>[0]): void {
    const agreement = this.#handshake.open(open)
    this.#phase = 'running'
    this.#send(schema.connectionOpenOk, {})
    this.#open = new OpenConnection(this.#services, this.#peer, this, agreement)
    const { user, namespace } = agreement
    this.#peer.logger.info({ user: user.name, vhost: namespace }, 'an AMQP connection is open')
  }

  /** Secrets do not expire here, but the user may have lost its permissions. */
  #updateSecret(): void {
    const { user, namespace } = this.#open!
    if (!this.#services.broker.access.mayEnter(user, namespace))
      throw new AmqpError(
        'NOT_ALLOWED',
        `access to vhost '${namespace}' refused for user '${user.name}'`,
      )
    this.#send(schema.connectionUpdateSecretOk, {})
  }

  #send<F extends schema.Fields>(method: Method<F>, fields: schema.DraftOf<F>): void {
    this.#peer.egress.write(methodFrame(0, method, fields))
  }

  /** Where a frame begins is unknown from here on, so nothing more is read. */
  #lostTrack(error: AmqpError): void {
    this.fail(error, 0)
    this.#hangUp()
  }

  #beginClosing(withinMs: number): void {
    this.#phase = 'closing'
    this.#pausers.clear()
    this.#isHeld = false
    this.#endAt = this.#peer.now() + withinMs
  }

  #drop(reason: string): void {
    this.#peer.logger.warn({ reason }, 'closed: the AMQP client did not answer')
    this.closed()
    this.#peer.egress.destroy()
  }

  #hangUp(): void {
    this.closed()
    this.#peer.egress.end()
  }

  #updateReading(): void {
    const isPaused = this.#phase !== 'closed' && !this.#mayWork()
    if (isPaused === this.#isSocketPaused) return
    this.#isSocketPaused = isPaused
    if (isPaused) this.#peer.pause()
    else this.#peer.resume()
  }
}

const causeText = (cause: unknown): string =>
  cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)

type SecureOk = schema.ShapeOf<typeof schema.connectionSecureOk.fields>
type TuneOk = schema.ShapeOf<typeof schema.connectionTuneOk.fields>
