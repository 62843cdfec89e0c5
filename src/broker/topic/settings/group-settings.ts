import { atLeast, between, offsetReset, oneOf } from './checks.ts'
import type { Check, Setting } from './setting.ts'

type Row = readonly [type: 'int' | 'string', default_: string, check: Check, doc: string]

/** Said of what the classic group protocol decides itself. */
const LATER = 'Kept for groups of the newer protocols; a classic group takes what its members say.'

/** Every setting of a group in Kafka 4.2. The bounds are those of its brokers' defaults. */
const rows: Readonly<Record<string, Row>> = {
  'consumer.heartbeat.interval.ms': [
    'int',
    '5000',
    between(5000, 15_000),
    `How often a member of a consumer group says that it is alive. ${LATER}`,
  ],
  'consumer.session.timeout.ms': [
    'int',
    '45000',
    between(45_000, 60_000),
    `After how much silence a member of a consumer group is taken for dead. ${LATER}`,
  ],
  'share.auto.offset.reset': [
    'string',
    'latest',
    offsetReset,
    `Where a share group begins that never read the partition. ${LATER}`,
  ],
  'share.heartbeat.interval.ms': [
    'int',
    '5000',
    between(5000, 15_000),
    `How often a member of a share group says that it is alive. ${LATER}`,
  ],
  'share.isolation.level': [
    'string',
    'read_uncommitted',
    oneOf('read_committed', 'read_uncommitted'),
    `Whether a share group sees records of unfinished transactions. ${LATER}`,
  ],
  'share.record.lock.duration.ms': [
    'int',
    '30000',
    between(15_000, 60_000),
    `How long a member of a share group may keep a record before another gets it. ${LATER}`,
  ],
  'share.session.timeout.ms': [
    'int',
    '45000',
    between(45_000, 60_000),
    `After how much silence a member of a share group is taken for dead. ${LATER}`,
  ],
  'streams.heartbeat.interval.ms': [
    'int',
    '5000',
    between(5000, 15_000),
    `How often a member of a streams group says that it is alive. ${LATER}`,
  ],
  'streams.initial.rebalance.delay.ms': [
    'int',
    '3000',
    atLeast(0),
    `How long the first members of a new streams group wait for others. ${LATER}`,
  ],
  'streams.num.standby.replicas': [
    'int',
    '0',
    between(0, 2),
    `Copies of state that a streams group keeps ready. ${LATER}`,
  ],
  'streams.session.timeout.ms': [
    'int',
    '45000',
    between(45_000, 60_000),
    `After how much silence a member of a streams group is taken for dead. ${LATER}`,
  ],
}

export const groupSettings: ReadonlyMap<string, Setting> = new Map(
  Object.entries(rows).map(([name, [type, default_, check, doc]]) => [
    name,
    { name, type, default: default_, check, doc, brokerNames: [] },
  ]),
)
