import { assert } from '../lib/assert.ts'

const KiB = 1024
const MiB = 1024 * KiB

/** Every queue, buffer and loop in the broker is bounded by one of these. */
export const limits = {
  connectionsMax: 20_000,
  /** Kafka's socket.request.max.bytes. */
  requestBytesMax: 100 * MiB,
  /** Kafka's message.max.bytes, the default of a topic's max.message.bytes. */
  batchBytesDefault: 1 * MiB + 12,
  /** What one batch may unpack to: a small one may claim to hold a gigabyte. */
  batchUnpackedBytesMax: 256 * MiB,
  /** Memory for requests that is kept for the next ones when nobody uses it. */
  freeFrameBytesMax: 16 * MiB,
  /** Requests of one connection that are being answered; the next waits in the socket. */
  requestsInFlightMax: 64,
  /** A chain file is rolled at this size. */
  chainFileBytes: 128 * MiB,
  /** Room for chain files that a burst left behind is kept so long, more than a little of it. */
  sparesKeptMs: 300_000,
  /** Slots that are usually so large are written to no zeros: each byte once, not twice. */
  growingSlotBytesMin: 256 * KiB,
  /** Of what was written to segments last: nobody checks it again for who checks it himself. */
  freshSegmentBytesMax: 2 * 1024 * MiB,
  /**
   * Slots that are not rewritten to segments while producers are busy: their bytes, and of these
   * those that a start reads to find them again, which is as much memory as they take besides.
   */
  unsegmentedBytesMax: 2048 * MiB,
  unsegmentedIndexBytesMax: 16 * MiB,
  /** Above it producers are paused, below the low mark they go on. */
  unconfirmedBytesHigh: 32 * MiB,
  unconfirmedBytesLow: 8 * MiB,
  /** Kept to be written again, should the sync fail: beyond it the sync is due at once. */
  unsyncedBytesMax: 32 * MiB,
  /** Memory for batches that is kept for the next ones when nobody uses it. */
  freeSlabsBytesMax: 32 * MiB,
  /** Confirmed slots kept in memory for readers that keep up. */
  tailBytesMax: 8 * MiB,
  /** Beyond it the part of the heap where objects begin is kept from growing. */
  youngHeapBytes: 8 * MiB,
  /** What all logs with durability `memory` hold together; then the oldest batches go. */
  memoryLogsBytesMax: 512 * MiB,
  /** How long what is written and acknowledged as `async` may be without a sync. */
  flushIntervalMs: 1000,
  /** What nobody waits for is written so long after what was written before, or when it is much. */
  gatheringMs: 5,
  gatheredBytesMax: 512 * KiB,
  /** Turns of the event loop a small slot is kept open for what else comes, while more comes. */
  joiningTurnsMax: 6,
  joinedBytesMax: 16 * KiB,
  /** What the process waits for itself: so small a write, on a disk that takes no longer for it. */
  writeNowBytesMax: 128 * KiB,
  writeNowMsMax: 1,
  /** Pairs of idempotent producer and log that are remembered, some 500 bytes each. */
  producersMax: 250_000,
  /** Fetch sessions kept for clients, and partitions in all of them together. */
  fetchSessionsMax: 10_000,
  fetchSessionPartitionsMax: 1_000_000,
  /** What one fetch is answered with at most, with few connections and with many. */
  fetchBytesMax: 4 * MiB,
  fetchBytesMin: 256 * KiB,
  /** Memory for answers to fetches that is kept for the next ones when nobody uses it. */
  freeAnswerBytesMax: 32 * MiB,
  /**
   * Messages whose time comes soon, in memory: of one stretch of time, of all together, and of
   * those whose order does not matter. What is more stays in its log.
   */
  scheduleBucketBytesMax: 16 * MiB,
  scheduleResidentBytesMax: 64 * MiB,
  schedulePartBytes: 4 * MiB,
  /** Bytes of answers that wait in one connection for the one before them. */
  responseBytesHigh: 32 * MiB,
  /** A connection that sends nothing for so long is closed: connections.max.idle.ms. */
  connectionIdleMs: 600_000,
  /** A request has so long to arrive once it began. */
  requestArrivalMs: 60_000,
  /** Consumer groups that are remembered, active or not. */
  groupsMax: 1_000_000,
  /** Member ids of one group that were handed out and not used yet. */
  groupPendingMax: 10_000,
  /** What one member may say of itself, and what a leader may assign to all members together. */
  groupMemberBytesMax: 1 * MiB,
  groupAssignmentBytesMax: 16 * MiB,
  /** Kafka's offset.metadata.max.bytes. */
  offsetMetadataCharsMax: 4096,
  /** What an operator may send at once: definitions of ten thousands of queues. */
  localRequestBytesMax: 64 * MiB,
  /** Largest body of a message, unless an operator sets another bound: RabbitMQ's, since 4.0. */
  messageBytesDefault: 16 * MiB,
  /** The largest that can be set. */
  messageBytesMax: 512 * MiB,
  /** Deliveries of one AMQP channel that wait for their acknowledgement, some 20 bytes each. */
  channelUnsettledMax: 2 ** 20,
  channelConsumersMax: 10_000,
  /** Exchange and routing key of messages whose way a channel remembers. */
  channelAddressesMax: 16_384,
  /** What one transaction of an AMQP channel may hold until it is committed. */
  transactionMessagesMax: 100_000,
  transactionBytesMax: 64 * MiB,
  /** Records of a turn that wait to be appended; with more, they are before the turn ends. */
  packedBytesMax: 8 * MiB,
  /** Logs that got records lately: for so many the objects are kept for the next. */
  packedLogsKept: 20_000,
  /** A body published to several logs is stored once from this size on, and for so many sets. */
  sharedBodyBytesMin: 1 * KiB,
  bodyLogsMax: 1000,
  /** Empty lists, whose queue nobody declared, that are kept for who pushes again. */
  idleListsMax: 10_000,
  /** Of a key that is the name of a queue or topic, too. */
  keyNameBytesMax: 64 * KiB,
  /** Jobs of a queue that may be delivered once, were, and can still be acknowledged. */
  jobsOverMax: 100_000,
  /** What all lanes of queues hold of what they read ahead, and what one reads at a time. */
  readAheadBytesMax: 64 * MiB,
  laneReadBytesMin: 64 * KiB,
  laneReadBytesMax: 1 * MiB,
  /** Memory for it that is kept for the next reads when nobody uses it. */
  freeReadAheadBytesMax: 8 * MiB,
  /** Bodies up to here are lent to who is handed them: their memory is used again. */
  lentBodyBytesMax: 4 * MiB,
  /** Handed out in one lane and neither settled nor back; then nothing more is handed out. */
  laneUnsettledMax: 2 ** 22,
  /** Addresses whose routes one exchange remembers; beyond, it forgets them all. */
  routesPerExchangeMax: 50_000,
  /** What an exchange with a recent history keeps, whatever it was declared with. */
  recentHistoryMax: 10_000,
  recentHistoryBytesMax: 16 * MiB,
  /** Messages that may be waiting to be dead-lettered by what dead letters made full. */
  deadLetterDepthMax: 16,
  /** So many are imported in one go, then others have their turn. */
  definitionsPerTurn: 500,
  /** Delays in one table of a queue's retries. */
  retryDelaysMax: 100,
  /** An AMQP client has so long until its connection is open. */
  handshakeMs: 10_000,
  /** Requests for one message of a queue that wait for the disk. */
  queuePullsMax: 10_000,
  /** Messages of a queue that are passed over because others of their group are with a consumer. */
  queueParkedMax: 10_000,
  /** Members of one set or sorted set: what one index of the runtime can hold. */
  setMembersMax: 2 ** 24 - 1,
  /** What SRANDMEMBER and its kind give at most when the same may come again. */
  randomMembersMax: 2 ** 20,
  /** What SCAN and its kind look at in one call, whatever COUNT says. */
  scanCountMax: 100_000,
  /** Keys and values, which are in memory: about, whatever `maxmemory` says. */
  keyspaceBytesMax: 1536 * MiB,
  /** JavaScript's own maps hold little more than that. */
  hashFieldsMax: 2 ** 24 - 2 ** 20,
  /** Ids of entries are looked for from points of an index, so far apart and so many a stream. */
  entryPointEntries: 128,
  entryPointBytes: 16 * KiB,
  entryPointsMax: 2 ** 18,
  /** Entries of one group of a stream that are handed out and not acknowledged, 150 bytes each. */
  entryPendingMax: 2 ** 20,
  /** Groups of a stream, and consumers of a group. */
  entryGroupsMax: 10_000,
  entryConsumersMax: 100_000,
  /** Producers of one stream whose entries are recognised when they are sent again. */
  entryProducersMax: 10_000,
  /** Streams whose last batch is kept open for the next reader. */
  entryWalksMax: 16,
  /** One word of a Redis client, unless it is configured: proto-max-bulk-len. */
  respBulkBytesDefault: 512 * MiB,
  /** Words of one command of a Redis client. */
  respWordsMax: 2 ** 20,
  /** One command of a Redis client that arrives in pieces: client-query-buffer-limit. */
  respCommandBytesMax: 1024 * MiB,
  /** Commands that a Redis client queued between MULTI and EXEC. */
  respTransactionBytesMax: 256 * MiB,
  /** What a Redis client may send while a command of it waits; then its socket is not read. */
  respWaitingBytesMax: 1 * MiB,
  respWaitingReadsMax: 1024,
  /** Keys that Redis clients read and want to hear of: tracking-table-max-keys. */
  respTrackedKeysMax: 1_000_000,
  /** Slow commands that SLOWLOG may be told to keep. */
  respSlowlogMax: 100_000,
  /** Commands of one Redis client are run for so long, then others have their turn. */
  respTurnMs: 10,
  /** One run of a script, in which nobody else is served. */
  scriptMs: 5000,
  /** Places in all tables that one run of a script makes, and items in its reply. */
  scriptSlotsMax: 20_000_000,
  scriptReplyItemsMax: 2 ** 20,
  /** Scripts that are kept in memory, and what they say. */
  scriptsMax: 10_000,
  scriptBytesMax: 64 * MiB,
  scriptSourceBytesMax: 4 * MiB,
  egressBytesHigh: 1 * MiB,
  egressBytesLow: 256 * KiB,
  /** Memory for what connections write that is kept for the next ones when nobody uses it. */
  freeEgressBytesMax: 4 * MiB,
} as const

assert(limits.requestBytesMax >= limits.batchBytesDefault, 'a request carries a usual batch')
assert(
  limits.chainFileBytes >= limits.unconfirmedBytesHigh,
  'a chain file holds all that may wait for the disk',
)
assert(
  limits.unconfirmedBytesLow < limits.unconfirmedBytesHigh,
  'resuming needs a gap, or producers flap',
)
assert(limits.egressBytesLow < limits.egressBytesHigh, 'resuming needs a gap, or deliveries flap')
