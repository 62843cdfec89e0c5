import { InvariantError } from '../../lib/assert.ts'
import type { Millis } from '../../lib/brand.ts'
import { Ahead, AHEAD_MAX, CommandParser, RespSyntaxError } from '../../lib/resp/index.ts'
import { limits } from '../../limits/limits.ts'
import type { Connection, Peer } from '../protocol.ts'
import { ClientState, type ClientHost } from './connected/client-state.ts'
import type { Services } from './services.ts'
import { openSession } from './connected/session.ts'

/** So many commands are run between two looks at the clock, and at what they are about. */
const COMMANDS_PER_LOOK = AHEAD_MAX
/** Of all connections: used up before anything else is read. */
const ahead = new Ahead()

/** One client: commands are run as they come, in order, one after the other. */
export class RespConnection implements Connection, ClientHost {
  readonly borrowsReads = true
  readonly client: ClientState
  readonly #peer: Peer
  readonly #services: Services
  readonly #parser: CommandParser
  readonly #goOn = (): void => this.goOn()
  #isWorking = false
  #isSocketPaused = false
  /** Others have their turn first. */
  #isYielding = false
  /** The command in the parser was found, but not run: clients are paused. */
  #isPostponed = false
  /** Too much of what was written waits for the disk. */
  #isSlowed = false

  constructor(peer: Peer, services: Services) {
    this.#peer = peer
    this.#services = services
    this.#parser = new CommandParser(services.parameters.parserLimits)
    this.client = new ClientState(services, peer, this)
    services.clients.add(this.client)
    services.statistics.connections++
    services.run.port = peer.local.port
    this.#welcome()
  }

  receive(bytes: Buffer): void {
    const { client } = this
    if (client.isClosed || client.isClosing) return
    this.#services.statistics.inputBytes += bytes.length
    this.#parser.push(bytes)
    this.#work()
    this.#parser.keep(bytes)
  }

  drained(): void {
    this.#work()
  }

  tick(now: Millis): void {
    const { client } = this
    if (client.isClosed) return
    this.#services.statistics.tick(now)
    this.#services.parameters.tick(client, now)
    this.#services.outputLimits.watch(client)
    this.#services.outputLimits.watch(client)
  }

  stopping(): void {
    this.end('the broker is stopping', 'politely')
  }

  closed(): void {
    const { client } = this
    if (client.isClosed) return
    client.isClosed = true
    const { blocking, broker, clients, diskGate, monitors, tracking } = this.#services
    if (client.waiter !== null) blocking.remove(client.waiter)
    client.endTransaction()
    client.subscriptions?.leave()
    client.subscriptions = null
    tracking.stop(client)
    monitors.remove(client)
    clients.remove(client)
    diskGate.forget(this.#goOn)
    if (client.session !== null) broker.sessions.remove(client.session)
  }

  get pendingBytes(): number {
    return this.#parser.pendingBytes
  }

  goOn(): void {
    this.#isYielding = false
    this.#isSlowed = false
    this.#work()
  }

  end(reason: string, manner: 'politely' | 'at once'): void {
    const { client } = this
    if (client.isClosed) return
    if (client.isClosing && manner === 'politely') return
    this.#peer.logger.debug({ client: client.id, reason }, 'closing a Redis connection')
    client.isClosing = true
    if (manner === 'politely') client.outlet.end()
    else client.outlet.destroy()
    if (!this.#isWorking) this.closed() // Otherwise the command that is run may still write.
  }

  #welcome(): void {
    const { client } = this
    const { gatekeeper } = this.#services
    const refusal = gatekeeper.greet(client)
    if (refusal !== null) {
      client.reply.error(refusal)
      return this.end(refusal, 'politely')
    }
    const user = gatekeeper.anonymous(client)
    const flaw = user === null ? null : openSession(this.#services, client, user)
    this.#parser.isTrusted = client.user !== null
    if (flaw === null) return
    client.reply.error(flaw)
    this.end(flaw, 'politely')
  }

  /** Runs what has come, as far as nothing is waited for. */
  #work(): void {
    if (this.#isWorking) return
    this.#isWorking = true
    try {
      this.#runAll()
    } catch (error) {
      if (error instanceof RespSyntaxError) this.#lostTrack(error)
      else this.#broken(error)
    } finally {
      this.#isWorking = false
    }
    if (this.client.isClosing) this.closed()
    else this.#updateReading()
  }

  #runAll(): void {
    const { client } = this
    const parser = this.#parser
    const { executor } = this.#services
    let startedAt = 0
    for (let count = 0; this.#mayRun(); count++) {
      if (count % COMMANDS_PER_LOOK === 0) {
        const now = this.#peer.now()
        if (count === 0) startedAt = now
        else if (now - startedAt >= limits.respTurnMs) return this.#yield()
        client.lastActiveAt = now
        if (this.#isSlowedDown()) return
        this.#warm()
      }
      if (!this.#isPostponed && !parser.next()) return
      this.#isPostponed = !executor.execute(client, parser.args)
      if (this.#isPostponed) return
      parser.isTrusted = client.user !== null
    }
  }

  #isSlowedDown(): boolean {
    const { diskGate } = this.#services
    this.#isSlowed = !diskGate.isOpen
    if (this.#isSlowed) diskGate.whenOpen(this.#goOn)
    return this.#isSlowed
  }

  /** Of many commands that came at once, the keys are fetched from memory together. */
  #warm(): void {
    const { keys } = this.client.call.db
    if (keys.count === 0) return
    this.#parser.lookAhead(ahead)
    if (ahead.keys.count > 1) keys.warm(ahead.keys, ahead.elements)
    ahead.forget()
  }

  #mayRun(): boolean {
    const { client } = this
    return client.waiter === null && !client.isClosing && !client.isCongested && !this.#isYielding
  }

  #yield(): void {
    this.#isYielding = true
    this.#services.clients.goOnSoon(this.client)
  }

  /** Nothing after it can be understood. */
  #lostTrack({ reply, message }: RespSyntaxError): void {
    this.#peer.logger.info({ client: this.client.id, reason: message }, 'a Redis client was lost')
    if (reply !== null) {
      this.#services.statistics.failed('ERR')
      this.client.reply.error(`ERR ${reply}`)
    }
    this.end(message, 'politely')
  }

  /** A reply may be half written: the connection cannot go on. */
  #broken(error: unknown): void {
    if (error instanceof InvariantError) throw error
    this.client.isClosing = true
    this.client.outlet.destroy()
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    const command = this.client.lastCommand?.name
    this.#peer.logger.error({ command, error: text }, 'a Redis command failed: a bug of the broker')
  }

  /**
   * A client that waits is read from all the same, up to a bound: otherwise nobody would notice
   * that it is gone, and it would be given what comes to its keys.
   */
  #updateReading(): void {
    const { client } = this
    if (client.isClosed) return
    const parser = this.#parser
    const isWaiting = client.waiter !== null || this.#isPostponed
    const isFull =
      parser.pendingBytes > limits.respWaitingBytesMax ||
      parser.pendingReads > limits.respWaitingReadsMax
    const isPaused =
      this.#isYielding ||
      this.#isSlowed ||
      client.isCongested ||
      client.outlet.heldBytes > limits.egressBytesHigh ||
      (isWaiting && isFull)
    if (isPaused === this.#isSocketPaused) return
    this.#isSocketPaused = isPaused
    if (isPaused) this.#peer.pause()
    else this.#peer.resume()
  }
}
