import { runBacklog } from './backlog.ts'
import { runConsume } from './consume.ts'
import { runFollow } from './follow.ts'
import { runProduce } from './produce.ts'
import { help, parseSettings } from './settings.ts'
import { makeTopic } from './topics.ts'
import { Wire } from './wire.ts'

/** Produces and consumes over plain sockets, from this process, and prints one JSON object. */
export async function run(options: string[]): Promise<void> {
  if (options.includes('--help')) return void process.stdout.write(help)
  const settings = parseSettings(options)
  const { host, port, topic, partitions, mode, durability } = settings
  const wire = await Wire.open(host, port)
  const configs = durability === '' ? {} : { 'sabir.durability': durability }
  await makeTopic(wire, { topic, partitions, configs })
  wire.close()
  const results: Record<string, unknown> = { ...settings, node: process.version }
  let recordsMax = Number.POSITIVE_INFINITY
  if (mode === 'produce' || mode === 'both') {
    const produced = await runProduce(settings)
    recordsMax = produced.records
    results['produced'] = rates(produced)
  }
  if (mode === 'consume' || mode === 'both') {
    results['consumed'] = rates(await runConsume(settings, recordsMax))
  }
  if (mode === 'follow') results['followed'] = await runFollow(settings)
  if (mode === 'backlog') results['drained'] = await runBacklog(settings)
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
