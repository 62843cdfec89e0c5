import type { Log, LogId } from '../../log/store.ts'
import { StoredMessage } from '../../message/stored-message.ts'
import type { LaneAnswer } from '../queue/lane/lane.ts'
import { LogReader } from '../queue/lane/log-reader.ts'
import type { ReadAhead } from '../queue/lane/read-ahead.ts'
import { type BodyPlace, placeOf, showBody } from './place.ts'

/** Body logs that one reader of messages stands in at a time. */
const LOGS_MAX = 8

export type BodyReaderParts = {
  readonly source: {
    logOf(place: BodyPlace): Log | undefined
    whenAdvanced(logId: LogId, run: () => void): void
  }
  readonly readAhead: ReadAhead
  readonly onLoaded: () => void
  readonly onFailed: (error: unknown) => void
}

/** Finds the bodies of one log's messages. They lie in the same order as the messages. */
export class BodyReader {
  readonly #parts: BodyReaderParts
  readonly #readers = new Map<LogId, LogReader>()
  readonly #found = new StoredMessage()
  #isWaiting = false

  constructor(parts: BodyReaderParts) {
    this.#parts = parts
  }

  /**
   * Makes the body be seen in a view whose `isBodyElsewhere` is true. `loading`: `onLoaded` says
   * when to ask again. `empty`: it is gone.
   */
  resolve(view: StoredMessage): LaneAnswer {
    const place = placeOf(view)
    const log = this.#parts.source.logOf(place)
    if (log === undefined) return 'empty'
    if (place.offset >= log.confirmedEnd) return this.#wait(log)
    const answer = this.#readerOf(log).find(place.offset, this.#found)
    if (answer !== 'message') return answer
    if (this.#found.offset !== place.offset) return 'empty'
    showBody(view, this.#found)
    return 'message'
  }

  /** Nothing is left to read for now. */
  rest(): void {
    for (const reader of this.#readers.values()) reader.rest()
  }

  #wait(log: Log): LaneAnswer {
    if (!this.#isWaiting) {
      this.#isWaiting = true
      this.#parts.source.whenAdvanced(log.id, () => {
        this.#isWaiting = false
        this.#parts.onLoaded()
      })
    }
    return 'loading'
  }

  #readerOf(log: Log): LogReader {
    let reader = this.#readers.get(log.id)
    if (reader === undefined) {
      const { readAhead, onLoaded, onFailed } = this.#parts
      if (this.#readers.size >= LOGS_MAX) this.#dropOldest()
      reader = new LogReader({ log, readAhead, bodies: null, room: null, onLoaded, onFailed })
      this.#readers.set(log.id, reader)
    }
    return reader
  }

  #dropOldest(): void {
    const [oldest] = this.#readers
    oldest![1].rest()
    this.#readers.delete(oldest![0])
  }
}
