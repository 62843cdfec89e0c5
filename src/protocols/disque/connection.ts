import { InvariantError } from '../../lib/assert.ts'
import type { Millis } from '../../lib/brand.ts'
import type { Timer } from '../../platform/platform.ts'
import { CommandParser, ReplyEncoder, RespSyntaxError } from '../../lib/resp/index.ts'
import { limits } from '../../limits/limits.ts'
import type { User } from '../../broker/access/index.ts'
import type { Session } from '../../broker/session/index.ts'
import { Outlet } from '../outlet.ts'
import type { Address, Connection, Peer } from '../protocol.ts'
import type { DisqueClient } from './client.ts'
import type { Call, Command, Waiter } from './command.ts'
import { isArity } from './command-table.ts'
import { replyOf } from './errors.ts'
import type { Services } from './services.ts'
import { openSession } from './session.ts'

const PARSER_LIMITS = {
  bulkBytesMax: limits.respBulkBytesDefault,
  wordsMax: limits.respWordsMax,
  commandBytesMax: limits.respCommandBytesMax,
}

/** More than a timer can hold would be over at once. */
const TIMER_MS_MAX = 2 ** 31 - 1

/** One client: commands are run as they come, in order, one after the other. */
export class DisqueConnection implements Connection, DisqueClient, Call {
  readonly id: number
  readonly remote: Address
  readonly local: Address
  readonly connectedAt: number
  readonly services: Services
  readonly reply: ReplyEncoder
  readonly #peer: Peer
  readonly #parser = new CommandParser(PARSER_LIMITS)
  readonly #outlet: Outlet
  user: User | null = null
  session: Session | null = null
  name = ''
  lastCommand = ''
  lastActiveAt: number
  waiter: Waiter | null = null
  /** Ends the wait. */
  #timer: Timer | null = null
  #isWorking = false
  #isClosed = false
  #isEnding = false
  #isPaused = false
  /** Replies of this turn wait for the disk already. */
  #isHolding = false
  /** The disk is behind. */
  #isSlowed = false
  readonly #caughtUp = (): void => {
    this.#isSlowed = false
    this.#work()
  }

  constructor(peer: Peer, services: Services) {
    this.#peer = peer
    this.services = services
    this.id = services.broker.sessions.nextId()
    this.remote = peer.remote
    this.local = peer.local
    this.connectedAt = this.lastActiveAt = peer.now()
    this.#outlet = new Outlet(peer.egress)
    this.reply = new ReplyEncoder(this.#outlet.sink)
    services.clients.set(this.id, this)
    services.counts.connections++
    const user = services.gate.anonymous(this)
    const flaw = user === null ? null : openSession(this, services, user)
    this.#parser.isTrusted = this.user !== null
    if (flaw === null) return
    this.reply.error(flaw)
    this.close(flaw)
  }

  get args() {
    return this.#parser.args
  }

  get client(): DisqueClient {
    return this
  }

  get isLocal(): boolean {
    const { host } = this.remote
    return host === '' || host === '::1' || host.startsWith('127.')
  }

  receive(bytes: Buffer): void {
    if (this.#isEnding) return
    this.#parser.push(bytes)
    this.#work()
  }

  drained(): void {
    this.#work()
  }

  tick(now: Millis): void {
    const { waiter } = this
    if (waiter !== null && waiter.deadline <= now) this.#timeIsOver(waiter)
    const { timeout } = this.services.settings
    const idleMs = now - this.lastActiveAt
    if (timeout > 0 && this.waiter === null && idleMs > timeout * 1000) this.close('idle')
  }

  stopping(): void {
    this.close('the broker is stopping')
  }

  closed(): void {
    if (this.#isClosed) return
    this.#isClosed = this.#isEnding = true
    this.waiter?.ended()
    this.#waitIsOver()
    this.services.diskGate.forget(this.#caughtUp)
    this.services.clients.delete(this.id)
    this.services.monitors.delete(this)
    if (this.session !== null) this.services.broker.sessions.remove(this.session)
  }

  close(reason: string): void {
    if (this.#isEnding) return
    this.#peer.logger.debug({ client: this.id, reason }, 'closing a Disque connection')
    this.#isEnding = true
    this.#outlet.end()
    if (!this.#isWorking) this.closed()
  }

  push(line: string): void {
    if (this.#isEnding || this.#peer.egress.congested) return
    this.reply.simple(line)
  }

  awaitDisk(): void {
    if (this.#isHolding) return
    this.#isHolding = true
    this.#outlet.hold()
    this.reply.sink = this.#outlet.sink
    const { turn, runtime } = this.services.broker
    turn.add('confirm', () => {
      this.#isHolding = false
      runtime.store.whenConfirmed(runtime.settings.durability, refusal => {
        if (refusal !== null) return this.#lost(refusal.message)
        this.#outlet.release()
        this.reply.sink = this.#outlet.sink
        this.#work()
      })
    })
  }

  wait(waiter: Waiter): void {
    this.waiter = waiter
    const { clock, timers } = this.services.broker.runtime
    if (waiter.deadline === Infinity) return
    const delayMs = waiter.deadline - clock.now()
    if (delayMs > TIMER_MS_MAX) return // `tick` will see.
    this.#timer = timers.after(Math.max(0, delayMs), () => this.#timeIsOver(waiter))
  }

  /** What was waited for is answered. */
  goOn(): void {
    this.#waitIsOver()
    this.services.broker.runtime.timers.soon(() => this.#work())
  }

  #waitIsOver(): void {
    this.waiter = null
    this.#timer?.cancel()
    this.#timer = null
  }

  #timeIsOver(waiter: Waiter): void {
    waiter.timedOut()
    waiter.ended()
    this.goOn()
  }

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
    if (this.#isEnding) this.closed()
    else this.#updateReading()
  }

  #runAll(): void {
    const { services } = this
    this.lastActiveAt = this.#peer.now()
    while (this.#mayRun() && this.#parser.next()) {
      services.counts.commands++
      this.#run()
      this.#parser.isTrusted = this.user !== null
    }
  }

  #mayRun(): boolean {
    if (this.waiter !== null || this.#isEnding || this.#isSlowed || this.#isCongested) return false
    const { diskGate } = this.services
    if (diskGate.isOpen) return true
    this.#isSlowed = true
    diskGate.whenOpen(this.#caughtUp)
    return false
  }

  #run(): void {
    const { args, reply, services } = this
    if (args.count === 0) return
    const command = services.commands.find(args)
    const refusal =
      command === undefined ? `ERR unknown command '${args.text(0)}'` : this.#refusal(command)
    if (refusal !== null) return reply.error(refusal)
    this.lastCommand = command!.name
    for (const client of services.monitors) if (client !== this) client.push(this.#monitored())
    try {
      command!.run(this)
    } catch (error) {
      const text = replyOf(error)
      if (text === undefined) throw error
      reply.error(text)
    }
  }

  #refusal(command: Command): string | null {
    if (!isArity(command, this.args.count))
      return `ERR wrong number of arguments for '${command.name}' command`
    if (this.user === null && !command.flags.includes('open'))
      return 'NOAUTH Authentication required.'
    if (command.flags.includes('admin')) {
      try {
        this.services.gate.demandAdministrator(this)
      } catch (error) {
        return replyOf(error) ?? null
      }
    }
    return null
  }

  #monitored(): string {
    const { args } = this
    const seconds = (this.services.broker.runtime.clock.now() / 1000).toFixed(6)
    const words = Array.from({ length: args.count }, (_, index) => JSON.stringify(args.text(index)))
    return `${seconds} [0 ${this.remote.host}:${this.remote.port}] ${words.join(' ')}`
  }

  get #isCongested(): boolean {
    return this.#peer.egress.congested || this.#outlet.heldBytes > limits.egressBytesHigh
  }

  #lostTrack({ reply, message }: RespSyntaxError): void {
    this.#peer.logger.info({ client: this.id, reason: message }, 'a Disque client was lost')
    if (reply !== null) this.reply.error(`ERR ${reply}`)
    this.close(message)
  }

  /** It may not be told that all went well. */
  #lost(reason: string): void {
    this.#peer.logger.warn({ client: this.id, reason }, 'a Disque client cannot be answered')
    this.#isEnding = true
    this.#outlet.destroy()
    this.closed()
  }

  #broken(error: unknown): void {
    if (error instanceof InvariantError) throw error
    this.#isEnding = true
    this.#outlet.destroy()
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
    const facts = { command: this.lastCommand, error: text }
    this.#peer.logger.error(facts, 'a Disque command failed: a bug of the broker')
  }

  /** Who waits is read from too, up to a bound: else nobody would notice that it is gone. */
  #updateReading(): void {
    const isFull =
      this.#parser.pendingBytes > limits.respWaitingBytesMax ||
      this.#parser.pendingReads > limits.respWaitingReadsMax
    const isPaused = this.#isCongested || this.#isSlowed || (this.waiter !== null && isFull)
    if (isPaused === this.#isPaused) return
    this.#isPaused = isPaused
    if (isPaused) this.#peer.pause()
    else this.#peer.resume()
  }
}
