import { createTopics } from '../../../src/protocols/kafka/schema/index.ts'
import { runConsume } from './consume.ts'
import { runProduce } from './produce.ts'
import { help, parseSettings, type Settings } from './settings.ts'
import { Wire } from './wire.ts'

const TOPIC_ALREADY_EXISTS = 36

/** Produces and consumes over plain sockets, from this process, and prints one JSON object. */
export async function run(options: string[]): Promise<void> {
  if (options.includes('--help')) return void process.stdout.write(help)
  const settings = parseSettings(options)
  await makeTopic(settings)
  const results: Record<string, unknown> = { ...settings, node: process.version }
  let recordsMax = Number.POSITIVE_INFINITY
  if (settings.mode !== 'consume') {
    const produced = await runProduce(settings)
    recordsMax = produced.records
    results['produced'] = rates(produced)
  }
  if (settings.mode !== 'produce') {
    results['consumed'] = rates(await runConsume(settings, recordsMax))
  }
  process.stdout.write(`${JSON.stringify(results, null, 2)}\n`)
}

function rates(result: { records: number; bytes: number; seconds: number }): object {
  return {
    ...result,
    seconds: Number(result.seconds.toFixed(2)),
    recordsPerSecond: Math.round(result.records / result.seconds),
    megabytesPerSecond: Math.round(result.bytes / result.seconds / 1e6),
  }
}

async function makeTopic(settings: Settings): Promise<void> {
  const wire = await Wire.open(settings.host, settings.port)
  const { topics } = await wire.ask(createTopics, 4, {
    topics: [
      {
        name: settings.topic,
        numPartitions: settings.partitions,
        replicationFactor: 1,
        assignments: [],
        configs: [{ name: 'sabir.durability', value: settings.durability }],
      },
    ],
    timeoutMs: 30_000,
    validateOnly: false,
  })
  const code = topics[0]?.errorCode
  if (code !== 0 && code !== TOPIC_ALREADY_EXISTS)
    throw new Error(`creating the topic failed: ${code} ${topics[0]?.errorMessage}`)
  wire.close()
}
