import {
  accept,
  reject,
  requeue,
  requeueCounted,
  type Settlement,
} from '../../../broker/queue/consumer.ts'
import { MalformedError } from '../../../lib/bytes/index.ts'
import type { ChannelHost, ChannelPort, Expecting } from '../channel-port.ts'
import { readMethod } from '../codec/index.ts'
import { AmqpError } from '../errors.ts'
import * as schema from '../schema/index.ts'
import { ConsumeSide } from './consume/consume-side.ts'
import { ContentFrames } from './content/frames.ts'
import { abandoned } from './consume/holder.ts'
import { PublishSide } from './publish/publish-side.ts'
import type { ChannelServices } from './services.ts'
import { uint32At } from './content/table-scan.ts'
import type { Transaction } from './publish/transaction.ts'

const PUBLISH = schema.basicPublish.key
const ACK = schema.basicAck.key
const NACK = schema.basicNack.key
const REJECT = schema.basicReject.key
const TAG_BYTES = 8

/** The half of a channel that knows messages: classes basic, confirm and tx. */
export class MessageChannel implements ChannelPort {
  readonly #host: ChannelHost
  readonly #services: ChannelServices
  readonly #publishing: PublishSide
  readonly #consuming: ConsumeSide
  #isClosed = false

  constructor(host: ChannelHost, services: ChannelServices) {
    this.#host = host
    this.#services = services
    const { egress, frameMax } = host.connection
    const frames = new ContentFrames(egress, host.number, frameMax)
    this.#consuming = new ConsumeSide(host, services, frames)
    this.#publishing = new PublishSide(host, services, { frames, consuming: this.#consuming })
  }

  get expects(): Expecting {
    return this.#publishing.publishing.expects
  }

  method(key: number, bytes: Buffer, start: number, end: number): void {
    if (key === PUBLISH) return this.#publishing.publishing.method(bytes, start, end)
    if (key === ACK || key === NACK || key === REJECT) return this.#settle(key, bytes, start, end)
    this.#rareMethod(key, bytes, start, end)
  }

  header(bytes: Buffer, start: number, end: number): void {
    this.#publishing.publishing.header(bytes, start, end)
  }

  body(bytes: Buffer, start: number, end: number, left: number): void {
    this.#publishing.publishing.body(bytes, start, end, left)
  }

  closed(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    const transaction = this.#publishing.transaction
    this.#publishing.close()
    this.#consuming.close()
    const { unsettled } = this.#consuming.consuming
    for (const tags of transaction?.tags() ?? []) unsettled.unmark(tags)
    this.#consuming.consuming.settle(0, true, abandoned)
  }

  drained(): void {
    this.#consuming.drained()
  }

  tick(): void {
    this.#publishing.publishing.tick()
    this.#consuming.consuming.unsettled.rest()
  }

  /** RabbitMQ's list_channels columns that are about messages, and the channel's consumers. */
  describe(): Readonly<Record<string, unknown>> {
    const { unsettled } = this.#consuming.consuming
    const { transaction } = this.#publishing
    return {
      transactional: transaction !== null,
      confirm: this.#publishing.isConfirming,
      consumer_count: this.#consuming.consumerCount,
      messages_unacknowledged: unsettled.count,
      messages_unconfirmed: this.#publishing.unconfirmedCount,
      messages_uncommitted: transaction?.messages.length ?? 0,
      acks_uncommitted: unsettled.markedCount,
      prefetch_count: this.#consuming.prefetch,
      global_prefetch_count: this.#consuming.consuming.prefetch,
      consumers: [...this.#consuming.consumers()].map(consumer => consumer.describe()),
    }
  }

  #rareMethod(key: number, bytes: Buffer, start: number, end: number): void {
    switch (key) {
      case schema.basicQos.key:
        return this.#qos(readMethod(schema.basicQos, bytes, start, end))
      case schema.basicConsume.key:
        return this.#consuming.consume(readMethod(schema.basicConsume, bytes, start, end))
      case schema.basicCancel.key: {
        const { consumerTag, nowait } = readMethod(schema.basicCancel, bytes, start, end)
        this.#consuming.cancel(consumerTag)
        if (!nowait) this.#host.send(schema.basicCancelOk, { consumerTag })
        return
      }
      case schema.basicCancelOk.key: // To our own cancel, after which the consumer is gone.
        return
      case schema.basicGet.key: {
        const { queue, noAck } = readMethod(schema.basicGet, bytes, start, end)
        return this.#consuming.get(queue, noAck)
      }
      case schema.basicRecover.key:
      case schema.basicRecoverAsync.key:
        return this.#recover(key, readMethod(schema.basicRecover, bytes, start, end).requeue)
      case schema.confirmSelect.key:
        this.#publishing.confirmSelect()
        if (!readMethod(schema.confirmSelect, bytes, start, end).nowait)
          this.#host.send(schema.confirmSelectOk, {})
        return
      case schema.txSelect.key:
        this.#publishing.txSelect()
        return this.#host.send(schema.txSelectOk, {})
      case schema.txCommit.key:
        return this.#commit(this.#publishing.txEnd())
      case schema.txRollback.key:
        return this.#rollback(this.#publishing.txEnd())
      default:
        throw new AmqpError('COMMAND_INVALID', 'unimplemented method')
    }
  }

  #qos(fields: schema.ShapeOf<(typeof schema.basicQos)['fields']>): void {
    const { prefetchSize, prefetchCount, global } = fields
    if (prefetchSize !== 0)
      throw new AmqpError('NOT_IMPLEMENTED', `prefetch_size!=0 (${prefetchSize})`)
    if (!global) this.#consuming.prefetch = prefetchCount
    this.#consuming.consuming.prefetch = global ? prefetchCount : 0
    this.#host.send(schema.basicQosOk, {})
  }

  /** basic.ack, nack and reject: a delivery tag and an octet of bits. */
  #settle(key: number, bytes: Buffer, start: number, end: number): void {
    if (end - start !== TAG_BYTES + 1)
      throw new MalformedError('a settlement is a delivery tag and an octet')
    const high = uint32At(bytes, start)
    const low = uint32At(bytes, start + 4)
    const bits = bytes[start + TAG_BYTES]!
    const tag = high * 2 ** 32 + low
    const isMultiple = key !== REJECT && (bits & 1) !== 0
    const settlement = key === ACK ? accept : settlementOf(key, bits)
    const { transaction } = this.#publishing
    const isKnown =
      transaction === null
        ? this.#consuming.consuming.settle(tag, isMultiple, settlement)
        : this.#mark(tag, isMultiple, transaction.tagsFor(settlement))
    if (isKnown) return
    const shown = (BigInt(high) << 32n) | BigInt(low)
    throw new AmqpError('PRECONDITION_FAILED', `unknown delivery tag ${shown}`)
  }

  #mark(tag: number, isMultiple: boolean, tags: number[]): boolean {
    const { unsettled } = this.#consuming.consuming
    if (tag !== 0 || !isMultiple) return unsettled.mark(tag, isMultiple, tags)
    const last = unsettled.last()
    return last === 0 || unsettled.mark(last, true, tags)
  }

  #recover(key: number, isRequeue: boolean): void {
    if (!isRequeue) throw new AmqpError('NOT_IMPLEMENTED', 'requeue=false')
    this.#consuming.consuming.settle(0, true, requeue)
    if (key === schema.basicRecover.key) this.#host.send(schema.basicRecoverOk, {})
  }

  /** All of it is done in one synchronous run, which the log makes durable whole or not at all. */
  #commit(transaction: Transaction): void {
    const { messages, settlements } = transaction
    const { consuming } = this.#consuming
    for (const tags of transaction.tags()) consuming.unsettled.unmark(tags)
    const { publisher } = this.#services.broker
    let isRejected = false
    publisher.atomically(() => {
      isRejected = this.#publishing.publishAll(messages).isRejected
      for (const { settlement, tags } of settlements)
        for (const tag of tags) consuming.settle(tag, false, settlement)
    })
    this.#host.hold()
    publisher.whenSafe(refusal => {
      if (refusal !== null) this.#failCommit(refusal.message)
      else if (isRejected) this.#failCommit('partial tx completion')
      else this.#host.send(schema.txCommitOk, {})
      this.#host.release()
    })
  }

  #failCommit(text: string): void {
    this.#host.fail(new AmqpError('PRECONDITION_FAILED', text), schema.txCommit.key)
  }

  #rollback(transaction: Transaction): void {
    for (const tags of transaction.tags()) this.#consuming.consuming.unsettled.unmark(tags)
    this.#host.send(schema.txRollbackOk, {})
  }
}

/**
 * Since RabbitMQ 4.3, a nack gives back without blame and a reject counts towards the delivery
 * limit. Without requeue both are final.
 */
function settlementOf(key: number, bits: number): Settlement {
  const isRequeue = (bits & (key === NACK ? 2 : 1)) !== 0
  if (!isRequeue) return reject
  return key === NACK ? requeue : requeueCounted
}
