import type { Arguments, ReplyWriter } from '../../lib/resp/index.ts'
import { limits } from '../../limits/limits.ts'
import { CallState } from './connected/call-state.ts'
import type { ClientState } from './connected/client-state.ts'
import type { CommandEntry } from './command-table.ts'
import { errorReplyOf } from './errors.ts'
import * as refusals from './refusals.ts'
import type { Services } from './services.ts'
import type { Transaction } from './transaction/index.ts'

/** One in so many calls of fast commands is timed, and counted as so many. */
const TIMED_EVERY = 64
const SMALL_BYTES_MAX = 1024

/** Checks commands and runs them: those of clients, of transactions and of scripts. */
export class Executor {
  /** Assigned where the services are put together. */
  services!: Services
  /** What changes now is done by a command, or by commands of a script or transaction. */
  isRunning = false
  #untimed = 0

  /** Runs what a client sent, or answers why not. False: it has to wait for the end of a pause. */
  execute(client: ClientState, args: Arguments): boolean {
    const { commands, clients, durability, statistics } = this.services
    const entry = commands.find(args)
    statistics.commands++
    if (durability.isHolding) durability.guard(client, entry?.mayChange === true)
    if (entry?.run === undefined) {
      if (entry === undefined) this.#unknown(client, args)
      else this.#reject(client, entry, refusals.wrongArity(entry.name))
    } else {
      client.lastCommand = entry
      const refusal = this.#refusal(client, entry, args)
      if (refusal !== null) this.#reject(client, entry, refusal)
      else if (clients.isPausing && clients.postpones(client, entry)) return false
      else if (client.transaction !== null && !entry.isNeverQueued) this.#queue(client, entry, args)
      else {
        this.#runFirst(client, entry, args)
      }
    }
    if (client.replyMode !== 'on' && client.waiter === null) client.commandOver()
    return true
  }

  #runFirst(client: ClientState, entry: CommandEntry, args: Arguments): void {
    const { blocking, tracking } = this.services
    const { call } = client
    call.args = args
    if (tracking.isOn) tracking.begin(client)
    this.run(call, entry)
    if (blocking.isReady) blocking.serve()
    if (tracking.isOn) tracking.end(client, entry.command)
  }

  /** Runs a command that may be run. */
  run(call: CallState, entry: CommandEntry): void {
    const { blocking, monitors, notifier, statistics, tracking } = this.services
    const { client, reply } = call
    call.entry = entry
    const errorsBefore = client.reply.errors
    const isFast = entry.isFast || (entry.isFastWhenSmall && isSmall(call.args))
    const isTimed = !isFast || ++this.#untimed % TIMED_EVERY === 0
    const startedAt = isTimed ? this.services.broker.runtime.clock.elapsed() : 0
    const missing = notifier.isFollowing ? notifier.missing(call, entry.command) : null
    const isOutermost = !this.isRunning
    this.isRunning = true
    try {
      entry.run!(call)
    } catch (error) {
      reply.error(errorReplyOf(error))
    } finally {
      if (isOutermost) this.isRunning = false
    }
    if (missing !== null) notifier.ran(call, entry.command, missing)
    entry.calls++
    if (isTimed) this.#timed(call, entry, startedAt, isFast)
    if (client.reply.errors !== errorsBefore && entry.name !== 'exec') {
      entry.failedCalls++
      statistics.failed(client.reply.lastError)
    }
    if (entry.isWrite && blocking.isAwaited && client.waiter === null)
      blocking.touched(entry.command, call.args)
    if (tracking.isOn) tracking.ran(client, call.db, entry.command, call.args)
    if (monitors.count > 0 && entry.isMonitored) this.#monitor(call)
  }

  /**
   * Runs the commands of a transaction and writes all their replies. What they change becomes
   * durable as one.
   */
  runTogether({ call, reply }: ClientState, { commands }: Transaction): void {
    const { args, entry } = call
    call.context = 'multi'
    reply.array(commands.length)
    try {
      for (const queued of commands) {
        call.args = queued.args
        const refusal = this.#nowForbidden(call, queued.entry)
        if (refusal === null) this.run(call, queued.entry)
        else reply.error(refusal)
      }
    } finally {
      call.context = 'toplevel'
      call.args = args
      call.entry = entry
    }
    this.services.broker.turn.flush()
  }

  /** For scripts: commands on behalf of a client, whose replies go elsewhere. */
  nested(client: ClientState, reply: ReplyWriter): CallState {
    const call = new CallState(this.services, client, reply)
    call.context = 'lua'
    return call
  }

  /** Why a command is not run now, whatever it would do: memory, disk. Null: it may be. */
  trouble(
    entry: CommandEntry,
    isWrite = entry.isWrite,
    isDenyOom = entry.isDenyOom,
  ): string | null {
    const { broker } = this.services
    const { refusal, reliefRefusal } = broker.runtime.store
    const alarms = broker.alarms.active()
    if (isDenyOom && (broker.keyspace.isFull || (alarms.size > 0 && alarms.has('memory'))))
      return refusals.outOfMemory
    if (refusal === null || !(isWrite || entry.name === 'ping')) return null
    return entry.makesRoom && reliefRefusal === null ? null : refusals.diskTrouble(refusal)
  }

  #refusal(client: ClientState, entry: CommandEntry, args: Arguments): string | null {
    if (!entry.fits(args.count)) return refusals.wrongArity(entry.name)
    if (client.user === null && !entry.needsNoLogin) return refusals.noAuth
    const { transaction, subscriptions } = client
    if (transaction !== null && entry.isDeniedInMulti) return refusals.deniedInMulti
    if (!entry.needsNoLogin) {
      const context = transaction === null ? 'toplevel' : 'multi'
      const refusal = this.services.gatekeeper.refusal(client, entry.command, args, context)
      if (refusal !== null) return refusal
    }
    const isExec = transaction !== null && entry.name === 'exec'
    const trouble = isExec
      ? this.trouble(entry, transaction.isWrite, transaction.isDenyOom)
      : this.trouble(entry)
    if (trouble !== null) return trouble
    if (subscriptions === null || client.version === 3 || entry.isForSubscribers) return null
    const { channelCount, patternCount, shardCount } = subscriptions
    if (channelCount + patternCount + shardCount === 0) return null
    return refusals.deniedToSubscribers(entry.name)
  }

  /** A right may have been taken away since the command was queued. */
  #nowForbidden({ client, args }: CallState, { command }: CommandEntry): string | null {
    const refusal = this.services.gatekeeper.refusal(client, command, args, 'multi')
    return refusal === null ? null : refusals.changedRights(refusal)
  }

  /** A page in a browser may make it send a request here: nothing of it is run. */
  #unknown(client: ClientState, args: Arguments): void {
    if (args.is(0, 'post') || args.is(0, 'host:')) return client.close('it speaks HTTP', 'at once')
    this.#reject(client, null, refusals.unknownCommand(this.services.commands, args))
  }

  #reject(client: ClientState, entry: CommandEntry | null, text: string): void {
    const { transaction } = client
    if (entry !== null) entry.rejectedCalls++
    let reply = text
    if (transaction !== null) transaction.isFlawed = true
    if (entry?.name === 'exec') {
      reply = refusals.abortedTransaction(text)
      client.endTransaction()
    }
    this.services.statistics.failed(reply)
    client.reply.error(reply)
  }

  #queue(client: ClientState, entry: CommandEntry, args: Arguments): void {
    const transaction = client.transaction!
    if (transaction.sizeBytes > limits.respTransactionBytesMax)
      return this.#reject(client, entry, refusals.transactionTooLong)
    transaction.add(entry, args)
    client.reply.simple('QUEUED')
  }

  #timed(call: CallState, entry: CommandEntry, startedAt: number, isFast: boolean): void {
    const { broker, latency, slowlog } = this.services
    const microseconds = Math.floor((broker.runtime.clock.elapsed() - startedAt) * 1000)
    entry.microseconds += isFast ? microseconds * TIMED_EVERY : microseconds
    if (latency.thresholdMs > 0 && microseconds >= 1000)
      latency.note(
        entry.isFast ? 'fast-command' : 'command',
        Math.floor(call.now / 1000),
        Math.floor(microseconds / 1000),
      )
    if (slowlog.threshold < 0 || microseconds < slowlog.threshold) return
    if (!entry.isLoggedWhenSlow || slowlog.lengthMax === 0) return
    const { client, now, args } = call
    const { address, name } = client
    const at = Math.floor(now / 1000)
    slowlog.add({ at, microseconds, client: address, clientName: name }, args)
  }

  #monitor({ client, db, args, context }: CallState): void {
    const { monitors, broker } = this.services
    const source = context === 'lua' ? 'lua' : client.address
    monitors.show(broker.runtime.clock.now(), db.index, source, args)
  }
}

const isSmall = ({ count, starts, ends }: Arguments): boolean =>
  ends[count - 1]! - starts[0]! <= SMALL_BYTES_MAX
