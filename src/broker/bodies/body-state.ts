import { VarintCursor } from '../../lib/bytes/varint.ts'
import type { LogId } from '../../log/store.ts'
import { EventWriter } from '../queue/lane/event-writer.ts'
import { BodyLog } from './body-log.ts'

/** One entry of a holder; four zigzag varints. A snapshot is all of them in a row. */
export type HeldEvent = {
  readonly bodyLog: LogId
  readonly holder: LogId
  /** From here on in the holder's log, references are to bodies at or behind `body`. */
  readonly reference: number
  readonly body: number
}

/** Which logs refer to bodies in which others. */
export class BodyState {
  readonly logs = new Map<LogId, BodyLog>()
  readonly #writer = new EventWriter()

  /** The bytes of an event, valid until the next one. */
  encode(event: HeldEvent): Buffer {
    this.#writer.reset()
    this.#write(event)
    return this.#writer.bytes()
  }

  evolve(events: Buffer): void {
    const cursor = new VarintCursor(events, 0, events.length)
    while (cursor.at < events.length) {
      const bodyLog = this.logOf(cursor.long() as LogId)
      const holder = bodyLog.holder(cursor.long() as LogId)
      holder.push(cursor.long(), cursor.long())
    }
  }

  snapshot(): Buffer {
    this.#writer.reset()
    for (const { logId: bodyLog, holders } of this.logs.values()) {
      for (const [holder, { references, bodies }] of holders) {
        for (const [index, reference] of references.entries())
          this.#write({ bodyLog, holder, reference, body: bodies[index]! })
      }
    }
    return Buffer.from(this.#writer.bytes())
  }

  logOf(logId: LogId): BodyLog {
    let log = this.logs.get(logId)
    if (log === undefined) {
      log = new BodyLog(logId)
      this.logs.set(logId, log)
    }
    return log
  }

  #write(event: HeldEvent): void {
    this.#writer.int(event.bodyLog)
    this.#writer.int(event.holder)
    this.#writer.int(event.reference)
    this.#writer.int(event.body)
  }
}
