import type { Offset } from '../../lib/brand.ts'
import { ByteWriter } from '../../lib/bytes/index.ts'
import { VarintCursor } from '../../lib/bytes/varint.ts'
import { demandVersion } from '../snapshot.ts'
import type { Uuid } from '../topic/index.ts'
import type { EventWriter } from './lane/index.ts'
import type { QueueId, QueueSpec, Side } from './queue.ts'
import type { QueueState } from './queue-state.ts'
import type { QueueSettings } from './settings.ts'

export type DeclaredEvent = {
  readonly kind: 'declared'
  readonly id: QueueId
  readonly spec: QueueSpec
  /** As declared, without policies. */
  readonly settings: QueueSettings
  readonly topic: Uuid
  /** It made the topic, keeps it short, and takes it along. */
  readonly ownsTopic: boolean
  /** Where it begins in each log there was. Later ones are read from their beginning. */
  readonly floors: readonly Offset[]
  /** The priority of each lane's messages, the first one's being 0; empty without priorities. */
  readonly levels: readonly number[]
  /** See the event. */
  readonly isExpiring?: true
  /** See the event; right unless said. */
  readonly head?: Side
}

export const EXPIRING = { isExpiring: true } as const

/** The event that would make the queue anew; its lanes have snapshots of their own. */
export const declaredEvent = (queue: QueueState): DeclaredEvent => ({
  kind: 'declared',
  id: queue.id,
  spec: queue.spec,
  settings: queue.settingsDeclared,
  topic: queue.topic.id,
  ownsTopic: queue.ownsTopic,
  floors: [],
  levels: queue.levels,
  ...(queue.isExpiring ? EXPIRING : {}),
  ...(hasDefaultHead(queue) ? {} : { head: queue.headSet! }),
})

/** Who began to push into what nobody declared decided for the right end, unless it says so. */
const hasDefaultHead = ({ headSet, spec }: QueueState): boolean =>
  headSet === null || (headSet === 'right' && spec.isImplicit === true)

/** What happened to queues. What happened in their lanes is binary: see `writeLaneAddress`. */
export type QueueEvent =
  | DeclaredEvent
  | { readonly kind: 'deleted'; readonly id: QueueId }
  /** From now on its messages may have a time to live of their own: the first one had. */
  | { readonly kind: 'expiring'; readonly id: QueueId }
  /** The end of the list that is handed out first. */
  | { readonly kind: 'headed'; readonly id: QueueId; readonly head: Side }
  /** Somebody declared what had come with the first element of a list. */
  | { readonly kind: 'adopted'; readonly id: QueueId; readonly spec: QueueSpec }
  /** A lane is for messages of this priority. */
  | {
      readonly kind: 'levelled'
      readonly id: QueueId
      readonly lane: number
      readonly level: number
    }

/**
 * A lane's event is binary: this mark, the queue and the lane as varints, then what the lane wrote.
 * JSON never begins with it.
 */
const LANE_MARK = 1
const LANE_MARK_BYTE = 2 // Zigzag.

/** To be followed by the event of the lane itself. */
export function writeLaneAddress(writer: EventWriter, queue: QueueId, lane: number): void {
  writer.int(LANE_MARK)
  writer.int(queue)
  writer.int(lane)
}

/** Where the event of a lane belongs, and where in the bytes it begins; undefined for JSON. */
export function laneAddressOf(
  event: Buffer,
): { readonly queue: QueueId; readonly lane: number; readonly start: number } | undefined {
  if (event[0] !== LANE_MARK_BYTE) return undefined
  const cursor = new VarintCursor(event, 1, event.length)
  const queue = cursor.int() as QueueId
  const lane = cursor.int()
  return { queue, lane, start: cursor.at }
}

export const encodeQueueEvent = (event: QueueEvent): Buffer => Buffer.from(JSON.stringify(event))
// Our own bytes, under the log's checksum.
export const decodeQueueEvent = (bytes: Buffer): QueueEvent =>
  JSON.parse(bytes.toString()) as QueueEvent

/** Of the format of snapshots: another one is not understood. */
const VERSION = 2

export type QueueSnapshot = {
  readonly queues: readonly {
    readonly declared: DeclaredEvent
    readonly lanes: readonly Buffer[]
  }[]
  /** The id the next queue gets: none is used twice. */
  readonly idNext: number
}

/** A queue in the text of a snapshot: most have settings that others have too. */
type DeclaredRow = Omit<DeclaredEvent, 'settings'> & {
  readonly settings: number
  readonly laneCount: number
}

/**
 * The length of a JSON text (uint32), the text, then each lane after its length (uint32). The
 * text has each of the settings once; which are the same object are the same.
 */
export function encodeQueueSnapshot({ queues, idNext }: QueueSnapshot): Buffer {
  const settings = new Map<QueueSettings, number>()
  const declared = queues.map(({ declared: event, lanes }): DeclaredRow => {
    const index = settings.get(event.settings) ?? settings.size
    settings.set(event.settings, index)
    return { ...event, settings: index, laneCount: lanes.length }
  })
  const text = JSON.stringify({
    version: VERSION,
    idNext,
    settings: [...settings.keys()],
    declared,
  })
  const writer = new ByteWriter(64 * queues.length + 1024)
  const textBytes = Buffer.from(text)
  writer.uint32(textBytes.length)
  writer.bytes(textBytes)
  for (const { lanes } of queues)
    for (const lane of lanes) {
      writer.uint32(lane.length)
      writer.bytes(lane)
    }
  return writer.finish()
}

export function decodeQueueSnapshot(bytes: Buffer): QueueSnapshot {
  let at = 4 + bytes.readUInt32BE(0)
  // Our own bytes, under the log's checksum.
  const { version, idNext, settings, declared } = JSON.parse(bytes.toString('utf8', 4, at)) as {
    version: unknown
    idNext: number
    settings: readonly QueueSettings[]
    declared: readonly DeclaredRow[]
  }
  demandVersion('queues', version, VERSION)
  const queues = declared.map(({ laneCount, settings: index, ...event }) => {
    const lanes: Buffer[] = []
    while (lanes.length < laneCount) {
      const end = at + 4 + bytes.readUInt32BE(at)
      lanes.push(bytes.subarray(at + 4, end))
      at = end
    }
    return { declared: { ...event, settings: settings[index]! }, lanes }
  })
  return { queues, idNext }
}
