import { VarintCursor } from '../../../lib/bytes/varint.ts'
import { limits } from '../../../limits/limits.ts'
import { isEntry } from '../../../message/entry-fields.ts'
import type { Mappings } from '../../../message/mapping.ts'
import { recordMapping } from '../../../message/record-mapping.ts'
import type { StoredMessage } from '../../../message/stored-message.ts'
import type { EntryId } from '../entry-id.ts'
import type { SharedBodies } from '../../bodies/index.ts'
import type { EntryView } from '../entry.ts'
import type { StreamState } from '../stream-state.ts'
import { EntryWalk } from './walk.ts'

const KEY = Buffer.from('key')
const VALUE = Buffer.from('value')
const NOTHING = Buffer.alloc(0)

/** One to look with and one to show with: both go forward, most of the time. */
type Pair = { readonly look: EntryWalk; readonly show: EntryWalk }

/** Who reads streams' logs. Those that read last keep their batches at hand. */
export class Walks {
  readonly #mappings: Mappings
  readonly #bodies: SharedBodies | null
  readonly #byStream = new Map<StreamState, Pair>()

  constructor(mappings: Mappings, bodies: SharedBodies | null) {
    this.#mappings = mappings
    this.#bodies = bodies
  }

  of(stream: StreamState): Pair {
    let pair = this.#byStream.get(stream)
    if (pair !== undefined) {
      if (this.#byStream.size > 1) {
        this.#byStream.delete(stream)
        this.#byStream.set(stream, pair)
      }
      return pair
    }
    if (this.#byStream.size >= limits.entryWalksMax) {
      const [oldest] = this.#byStream.keys()
      this.#byStream.delete(oldest!)
    }
    pair = { look: new EntryWalk(stream), show: new EntryWalk(stream) }
    this.#byStream.set(stream, pair)
    return pair
  }

  drop(stream: StreamState): void {
    this.#byStream.delete(stream)
  }

  /** A body that is stored for several logs is shown in its place; one that is gone is empty. */
  fill(message: StoredMessage): void {
    if (!message.isBodyElsewhere || this.#bodies?.fillNow(message) === true) return
    message.bodyEnd = message.bodyStart
    message.isBodyElsewhere = false
  }

  /**
   * The fields of the record a walk stands at. What others wrote has `key`, if there is one, and
   * `value`; then what a Kafka client would see as headers.
   */
  view(walk: EntryWalk): EntryView {
    return this.viewOf(walk, walk.message, walk)
  }

  /** The same of a record that it stood at. */
  viewOf({ words }: EntryWalk, message: StoredMessage, id: EntryId): EntryView {
    const { ms, seq } = id
    words.wordCount = 0
    this.fill(message)
    if (isEntry(message)) {
      words.readId(message)
      words.readFields(message)
    } else {
      if (message.keyEnd >= 0) {
        words.add(KEY, 0, KEY.length)
        words.add(message.bytes, message.keyStart, message.keyEnd)
      }
      words.add(VALUE, 0, VALUE.length)
      words.add(message.body, message.bodyStart, message.bodyEnd)
      const isPlain = message.addressEnd === message.addressStart
      const headers = isPlain
        ? message.bytes.subarray(message.headersStart, message.headersEnd)
        : recordMapping.fromCommon(this.#mappings.commonOf(message))
      addHeaders(words, headers)
    }
    words.ms = ms
    words.seq = seq
    return words
  }
}

function addHeaders(words: EntryWalk['words'], headers: Buffer): void {
  if (headers.length === 0) return
  const cursor = new VarintCursor(headers, 0, headers.length)
  while (cursor.at < headers.length) {
    const nameBytes = cursor.int()
    const name = cursor.at
    cursor.at += nameBytes
    words.add(headers, name, cursor.at)
    const valueBytes = cursor.int()
    if (valueBytes < 0) {
      words.add(NOTHING, 0, 0)
      continue
    }
    words.add(headers, cursor.at, cursor.at + valueBytes)
    cursor.at += valueBytes
  }
}
