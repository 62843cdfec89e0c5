import { parseArgs } from 'node:util'
import { runAmqp091 } from './amqp091/run.ts'
import { runDisque } from './disque/run.ts'
import { runKafka } from './kafka/run.ts'
import { runResp } from './resp/run.ts'
import { Tally } from './tally.ts'

/**
 * Runs the tables of scenarios with every client.
 *
 *   npm run test:clients -- [kafka] [amqp091] [resp] [disque] [--clients a,b] [--only name]
 *     --real     against Apache Kafka, or Debian's RabbitMQ or redis-server, or Disque
 *     --record   with --real: writes down what RabbitMQ, redis-server or Disque answers
 *     --address  against a broker that runs already
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    clients: { type: 'string' },
    only: { type: 'string', default: '' },
    real: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    address: { type: 'string' },
  },
})

/** What of the tables is run, and against what. */
export type RunOptions = {
  readonly clients: readonly string[] | undefined
  readonly only: string
  readonly real: boolean
  readonly record: boolean
  readonly address: string | undefined
}

const options: RunOptions = {
  clients: values.clients?.split(','),
  only: values.only,
  real: values.real,
  record: values.record,
  address: values.address,
}
const runners = { kafka: runKafka, amqp091: runAmqp091, resp: runResp, disque: runDisque }
const tally = new Tally()
for (const [protocol, run] of Object.entries(runners)) {
  if (positionals.length === 0 || positionals.includes(protocol)) await run(options, tally)
}
console.log(String(tally))
process.exit(tally.counts.failed === 0 ? 0 : 1)
