import type { Command } from 'commander'
import {
  createPartitions,
  createTopics,
  deleteTopics,
  incrementalAlterConfigs,
} from '../../protocols/kafka/schema/index.ts'
import { refused, throwIfRefused } from '../client/refusals.ts'
import { CommandError } from '../error.ts'
import {
  positiveNumber,
  setting,
  several,
  withBroker,
  withClient,
  type CommonFlags,
} from '../options.ts'
import { describeTopics } from './describe.ts'

const TIMEOUT_MS = 30_000
const TOPIC_RESOURCE = 2
const SET = 0
const DELETE = 1
const ALREADY_EXISTS = 36
const UNKNOWN_TOPIC = 3

export function define(program: Command): void {
  const topic = program.command('topic').description('create, list, describe, alter, delete topics')
  withBroker(topic.command('create'))
    .description('create a topic')
    .argument('<name>')
    .option('-p, --partitions <n>', "how many partitions (default: the broker's)", positiveNumber)
    .option('-c, --config <name=value>', 'a setting, such as retention.ms=3600000', setting)
    .option('--if-not-exists', 'be content when the topic is there')
    .action(create)
  withBroker(topic.command('list'))
    .description('list topics')
    .option('--internal', "the broker's own, too")
    .action(list)
  withBroker(topic.command('describe'))
    .description('show partitions, offsets and settings')
    .argument('<names...>')
    .action((names: string[], flags: CommonFlags) =>
      withClient(flags, (client, output) => describeTopics(client, output, names)),
    )
  withBroker(topic.command('alter'))
    .description('add partitions, change settings')
    .argument('<name>')
    .option('-p, --partitions <n>', 'how many partitions there shall be', positiveNumber)
    .option('-c, --config <name=value>', 'set a setting', setting)
    .option('--delete-config <name>', "go back to the broker's default", several)
    .action(alter)
  withBroker(topic.command('delete'))
    .description('delete topics and all their records')
    .argument('<names...>')
    .option('--if-exists', 'be content when a topic is not there')
    .action(remove)
}

type CreateFlags = CommonFlags & {
  readonly partitions?: number
  readonly config?: Readonly<Record<string, string>>
  readonly ifNotExists?: true
}

function create(name: string, flags: CreateFlags): Promise<void> {
  return withClient(flags, async (client, output) => {
    const configs = Object.entries(flags.config ?? {})
    const answer = await client.ask(createTopics, {
      topics: [
        {
          name,
          numPartitions: flags.partitions ?? -1,
          replicationFactor: -1,
          assignments: [],
          configs: configs.map(([key, value]) => ({ name: key, value })),
        },
      ],
      timeoutMs: TIMEOUT_MS,
    })
    const [result] = answer.topics
    const isThere = result?.errorCode === ALREADY_EXISTS && flags.ifNotExists === true
    if (result !== undefined && !isThere)
      throwIfRefused(`topic "${name}" was not created`, result.errorCode, result.errorMessage)
    const words = isThere ? `Topic "${name}" is there already.` : `Created topic "${name}".`
    await output.said(words, { topic: name, created: !isThere })
  })
}

function list(flags: CommonFlags & { readonly internal?: true }): Promise<void> {
  return withClient(flags, async (client, output) => {
    const topics = (await client.topics(null))
      .filter(({ isInternal }) => flags.internal === true || !isInternal)
      .map(({ name, topicId, partitions }) => ({
        name,
        partitions: partitions.length,
        id: topicId,
      }))
      .toSorted((one, other) => ((one.name ?? '') < (other.name ?? '') ? -1 : 1))
    await output.table({ name: 'TOPIC', partitions: 'PARTITIONS', id: 'ID' }, topics)
  })
}

type AlterFlags = CommonFlags & {
  readonly partitions?: number
  readonly config?: Readonly<Record<string, string>>
  readonly deleteConfig?: readonly string[]
}

function alter(name: string, flags: AlterFlags): Promise<void> {
  const { partitions, config = {}, deleteConfig = [] } = flags
  const changes = [
    ...Object.entries(config).map(([key, value]) => ({ name: key, configOperation: SET, value })),
    ...deleteConfig.map(key => ({ name: key, configOperation: DELETE, value: null })),
  ]
  if (partitions === undefined && changes.length === 0)
    throw new CommandError(
      'usage',
      `nothing to change on topic "${name}": give --partitions, --config or --delete-config`,
    )
  const asked = `topic "${name}" was not changed`
  return withClient(flags, async (client, output) => {
    if (changes.length > 0) {
      const resource = { resourceType: TOPIC_RESOURCE, resourceName: name, configs: changes }
      const request = { resources: [resource], validateOnly: false }
      const [result] = (await client.ask(incrementalAlterConfigs, request)).responses
      if (result !== undefined) throwIfRefused(asked, result.errorCode, result.errorMessage)
    }
    if (partitions !== undefined) {
      const [result] = (
        await client.ask(createPartitions, {
          topics: [{ name, count: partitions, assignments: null }],
          timeoutMs: TIMEOUT_MS,
          validateOnly: false,
        })
      ).results
      if (result !== undefined) throwIfRefused(asked, result.errorCode, result.errorMessage)
    }
    await output.said(`Changed topic "${name}".`, { topic: name, changed: true })
  })
}

type DeleteFlags = CommonFlags & { readonly ifExists?: true }

function remove(names: readonly string[], flags: DeleteFlags): Promise<void> {
  return withClient(flags, async (client, output) => {
    const answer = await client.ask(deleteTopics, {
      topics: names.map(name => ({ name, topicId: NO_ID })),
      topicNames: names,
      timeoutMs: TIMEOUT_MS,
    })
    const deleted: string[] = []
    let failed: CommandError | undefined
    for (const { name, errorCode, errorMessage } of answer.responses) {
      if (errorCode === 0) deleted.push(name ?? '')
      else if (errorCode !== UNKNOWN_TOPIC || flags.ifExists !== true)
        failed ??= refused(`topic "${name}" was not deleted`, errorCode, errorMessage)
    }
    const quoted = deleted.map(name => `"${name}"`).join(', ')
    if (deleted.length > 0 || failed === undefined)
      await output.said(
        deleted.length === 0 ? 'Nothing to delete.' : `Deleted ${quoted}.`,
        deleted.map(name => ({ topic: name, deleted: true })),
      )
    if (failed !== undefined) throw failed
  })
}

/** Sixteen zero bytes: the topic is named by its name. */
const NO_ID = 'AAAAAAAAAAAAAAAAAAAAAA'
