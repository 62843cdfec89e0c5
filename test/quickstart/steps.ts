/** One command line of the Apache distribution, and what a user types into it. */
export type Step = {
  readonly tool: keyof typeof tools
  readonly options: string
  readonly input?: string
  /** False where the output is times and speeds: then only the exit code must be the same. */
  readonly compared?: false
  /** Lines come in no particular order. */
  readonly unordered?: true
}

/** The distribution's shell scripts do no more than start these classes. */
export const tools = {
  'kafka-topics': 'org.apache.kafka.tools.TopicCommand',
  'kafka-console-producer': 'org.apache.kafka.tools.ConsoleProducer',
  'kafka-console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'kafka-consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  'kafka-groups': 'org.apache.kafka.tools.GroupsCommand',
  'kafka-configs': 'kafka.admin.ConfigCommand',
  'kafka-get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  'kafka-delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'kafka-log-dirs': 'org.apache.kafka.tools.LogDirsCommand',
  'kafka-cluster': 'org.apache.kafka.tools.ClusterTool',
  'kafka-broker-api-versions': 'org.apache.kafka.tools.BrokerApiVersionsCommand',
  'kafka-producer-perf-test': 'org.apache.kafka.tools.ProducerPerformance',
  'kafka-consumer-perf-test': 'org.apache.kafka.tools.ConsumerPerformance',
} as const

const step = (tool: Step['tool'], options: string, more: Partial<Step> = {}): Step => ({
  tool,
  options,
  ...more,
})

/** The quick start of Kafka's documentation, then what people do on their second day. */
export const steps: readonly Step[] = [
  step('kafka-topics', '--create --topic quickstart-events'),
  step('kafka-topics', '--describe --topic quickstart-events'),
  step('kafka-topics', '--list'),
  step('kafka-console-producer', '--topic quickstart-events', {
    input: 'This is my first event\nThis is my second event\n',
  }),
  step('kafka-console-consumer', '--topic quickstart-events --from-beginning --max-messages 2'),
  step('kafka-topics', '--create --topic quickstart-events'),
  step('kafka-topics', '--create --if-not-exists --topic quickstart-events'),
  step('kafka-topics', '--describe --topic nowhere'),
  step(
    'kafka-topics',
    '--create --topic orders --partitions 3 --replication-factor 1 --config retention.ms=99000000',
  ),
  step('kafka-topics', '--describe --topic orders'),
  step('kafka-topics', '--alter --topic orders --partitions 4'),
  step('kafka-topics', '--describe --topic orders'),
  step('kafka-topics', '--alter --topic orders --partitions 2'),
  step(
    'kafka-console-producer',
    '--topic orders --property parse.key=true --property key.separator=: ' +
      '--property parse.headers=true --producer-property compression.type=lz4',
    { input: 'a:1\tapple:red\nb:2\tpear:green\na:1\tapple:brown\nc:3\tplum:blue\n' },
  ),
  step(
    'kafka-console-consumer',
    '--topic orders --group shop --from-beginning --max-messages 4 --property print.key=true ' +
      '--property print.headers=true --property print.partition=true --property print.offset=true',
    { unordered: true },
  ),
  step('kafka-consumer-groups', '--list', { unordered: true }),
  step('kafka-groups', '--list', { unordered: true }),
  step('kafka-consumer-groups', '--describe --group shop', { unordered: true }),
  step('kafka-consumer-groups', '--describe --group shop --state'),
  step('kafka-consumer-groups', '--describe --group shop --members'),
  step('kafka-consumer-groups', '--describe --group nobody'),
  step(
    'kafka-consumer-groups',
    '--group shop --reset-offsets --to-earliest --topic orders --dry-run',
    { unordered: true },
  ),
  step(
    'kafka-consumer-groups',
    '--group shop --reset-offsets --to-earliest --topic orders --execute',
    { unordered: true },
  ),
  step('kafka-console-consumer', '--topic orders --group shop --max-messages 4', {
    unordered: true,
  }),
  ...['--shift-by -1', '--to-latest', '--to-offset 1', '--by-duration PT1H'].map(target =>
    step('kafka-consumer-groups', `--group shop --reset-offsets ${target} --all-topics --execute`, {
      unordered: true,
    }),
  ),
  step('kafka-consumer-groups', '--group shop --delete-offsets --topic orders:3'),
  step('kafka-consumer-groups', '--delete --group shop'),
  step('kafka-consumer-groups', '--delete --group shop'),
  step('kafka-get-offsets', '--topic orders', { unordered: true }),
  step('kafka-get-offsets', '--topic orders --time earliest', { unordered: true }),
  step('kafka-get-offsets', '--topic orders --time max-timestamp', { compared: false }),
  step('kafka-delete-records', '--offset-json-file DELETE_FILE', { unordered: true }),
  step('kafka-get-offsets', '--topic quickstart-events --time -2'),
  step('kafka-configs', '--describe --topic orders'),
  step('kafka-configs', '--alter --topic orders --add-config cleanup.policy=compact,flush.ms=7'),
  step('kafka-configs', '--describe --topic orders', { unordered: true }),
  step('kafka-configs', '--alter --topic orders --delete-config flush.ms,retention.ms'),
  step('kafka-configs', '--describe --topic orders'),
  step('kafka-configs', '--alter --topic orders --add-config no.such.thing=1'),
  step('kafka-log-dirs', '--describe --topic-list orders', { compared: false }),
  step('kafka-cluster', 'cluster-id'),
  step('kafka-broker-api-versions', '', { compared: false }),
  step(
    'kafka-producer-perf-test',
    '--topic perf --num-records 20000 --record-size 100 --throughput -1 --producer-props acks=all',
    { compared: false },
  ),
  step('kafka-consumer-perf-test', '--topic perf --num-records 20000 --timeout 20000', {
    compared: false,
  }),
  step('kafka-topics', '--delete --topic orders'),
  step('kafka-topics', '--delete --topic orders'),
  step('kafka-topics', '--list'),
]
