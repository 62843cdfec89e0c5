import { WHOLE_MAX, type Whole, wholeAfter } from '../../lib/whole.ts'
import type { LogId } from '../../log/store.ts'
import { EntryEncoder } from '../../message/entry-fields.ts'
import { origins } from '../../message/origin.ts'
import { addressBytes, Publication } from '../../message/publication.ts'
import { BrokerError } from '../errors.ts'
import { compareParts, type EntryId } from './entry-id.ts'
import type { Words } from './entry.ts'
import { kind } from './events.ts'
import type { AddOutcome, IdWanted, Trim } from './port.ts'
import type { Stream, StreamHost } from './stream.ts'
import type { StreamState } from './stream-state.ts'
import { trimmedByCount } from './trim.ts'

/** Of all streams: one entry after the other. */
const encoder = new EntryEncoder()
const publication = new Publication()
publication.origin = origins.redisStream
publication.isPersistent = true
const newId = { ms: 0 as Whole, seq: 0 as Whole, log: 0 as LogId }

/** New entries of one stream. Those of a turn are one batch, and one event says their ids. */
export class Additions {
  readonly #stream: Stream
  readonly #host: StreamHost
  readonly #address: Buffer
  /** Of the first entry of this turn, and what was last before it. */
  #firstWaiting = 0
  #lastBefore: EntryId = { ms: 0, seq: 0 }
  /** What is below goes with this turn; 0: nothing. */
  #floor = 0
  /** The time of all entries of a turn; -1 before the first. */
  #now = -1
  readonly #journalAdded = (): void => this.#writeAdded()

  constructor(stream: Stream, host: StreamHost) {
    this.#stream = stream
    this.#host = host
    this.#address = addressBytes('', stream.state.partition.topic.name)
  }

  add(words: Words, first: number, end: number, wanted: IdWanted): AddOutcome {
    const { state } = this.#stream
    const { packers, turn, runtime } = this.#host
    const { refusal } = runtime.store
    if (refusal !== null) throw new BrokerError('storage', refusal.message)
    if (words.ends[end - 1]! - words.starts[first]! > runtime.settings.messageBytesMax)
      return 'too-large'
    packers.relieve()
    // Ids are in the order of the log: what others published in this turn goes first.
    if (packers.waitingCount(state.logId) !== state.ownLeft) turn.flush()
    if (this.#now < 0) this.#now = runtime.clock.now()
    const refused = wanted === null ? this.#chooseNext(state) : this.#choose(state, wanted)
    if (refused !== null) return refused
    if (state.points === null) this.#begin()
    this.#append(words, first, end)
    return 'added'
  }

  /**
   * Trims with the turn, if that is all the same: many entries are added to streams of a certain
   * length. How many went; null: it has to be done now.
   */
  trimLater(trim: Trim): number | null {
    const { state } = this.#stream
    const { keep, references } = trim
    if (state.points === null || references !== 'keep' || !('count' in keep)) return null
    if (state.gone.aheadCount > 0) return null
    const first = Math.max(state.first, this.#floor)
    const to = trimmedByCount({ first, end: state.end + state.ownLeft }, keep.count, trim)
    this.#floor = to
    return to - first
  }

  #chooseNext({ lastMs, lastSeq }: StreamState): AddOutcome | null {
    newId.ms = this.#now > lastMs ? this.#now : lastMs
    const seq = this.#now > lastMs ? 0 : wholeAfter(lastSeq)
    newId.seq = seq ?? 0
    if (seq !== undefined) return null
    const ms = wholeAfter(lastMs)
    if (ms === undefined) return 'exhausted'
    newId.ms = ms
    return null
  }

  #choose({ lastMs, lastSeq }: StreamState, wanted: NonNullable<IdWanted>): AddOutcome | null {
    const { ms } = wanted
    const seq = wanted.seq ?? (ms === lastMs ? wholeAfter(lastSeq) : 0)
    if (lastMs === WHOLE_MAX && lastSeq === WHOLE_MAX) return 'exhausted'
    if (seq === undefined || compareParts(ms, seq, lastMs, lastSeq) <= 0) return 'not-above'
    newId.ms = ms
    newId.seq = seq
    return null
  }

  #begin(): void {
    const { state } = this.#stream
    state.points = []
    this.#firstWaiting = state.log.endOffset
    this.#lastBefore = state.last
    this.#host.turn.add('journal', this.#journalAdded)
  }

  /** With the id that was chosen. */
  #append(words: Words, first: number, end: number): void {
    const { state } = this.#stream
    const offset = this.#firstWaiting + state.ownLeft
    state.announce(offset, words.ends[end - 1]! - words.starts[first]!)
    publication.address = this.#address
    publication.addressEnd = this.#address.length
    newId.log = state.logId
    encoder.begin(publication, newId, this.#now)
    encoder.write(publication, words, first, end)
    this.#host.packers.add(state.partition, publication)
    publication.body = publication.address
    state.advance(newId.ms, newId.seq)
    this.#host.changed(this.#stream)
    this.#host.appended(this.#stream)
  }

  /** In the run that appended them. */
  #writeAdded(): void {
    const { state } = this.#stream
    const points = state.points ?? []
    const floor = this.#floor
    state.points = null
    this.#now = -1
    this.#floor = 0
    if (state.ownLeft > 0) return this.#lost()
    const { writer } = this.#host
    writer.begin().int(kind.added).int(state.logId)
    state.added(writer, this.#firstWaiting, points)
    this.#host.journalApplied(writer)
    if (floor > state.first) this.#stream.trimTo(floor)
  }

  /** The disk did not take them, or not all. */
  #lost(): void {
    const { state } = this.#stream
    state.ownLeft = 0
    const top = state.end > this.#firstWaiting ? state.idAt?.(state, state.end - 1) : undefined
    const { ms, seq } = top ?? this.#lastBefore
    state.advance(ms, seq)
    this.#host.walks.drop(state)
  }
}
