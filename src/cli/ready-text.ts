import { resolve } from 'node:path'
import type { Config } from '../config/index.ts'
import { showAddress, type BoundListener } from '../server/index.ts'
import { version } from '../version.ts'

const promises = {
  sync: 'acknowledged after the disk confirmed (sync)',
  async: 'acknowledged after the operating system took it (async)',
  memory: 'acknowledged at once, never written (memory)',
}

/** What listens where, where data lies, what is promised, and one line to try. */
export function readyText(config: Config, bound: readonly BoundListener[]): string {
  const isMemory = config.storage === 'memory'
  const rows = [
    ...bound.map(listener => [titleOf(listener), placeOf(listener)]),
    ['data', isMemory ? 'in memory, gone when the broker stops' : resolve(config.dataFolder)],
    ['promise', promises[isMemory ? 'memory' : config.broker.durability]],
  ]
  const width = Math.max(...rows.map(([title]) => title!.length))
  const table = rows.map(([title, text]) => `  ${title!.padEnd(width)}  ${text}\n`)
  return `Sabir ${version} is ready.\n\n${table.join('')}\n${tryText(bound)}`
}

const titleOf = ({ name, protocol, isTls }: BoundListener): string => {
  const words = `${protocol === 'auto' ? 'any protocol' : protocol}${isTls ? ' over TLS' : ''}`
  return name === protocol || name === `${protocol}-tls` ? words : `${words} (${name})`
}

function placeOf({ hosts, port, advertised }: BoundListener): string {
  const places = hosts.map(host => showAddress({ host, port })).join(', ')
  return advertised === null ? places : `${places}, advertised as ${showAddress(advertised)}`
}

function tryText(bound: readonly BoundListener[]): string {
  const lines = [
    ...kafkaLines(addressFor('kafka', bound)),
    ...amqpLines(addressFor('amqp091', bound)),
    ...respLines(addressFor('resp', bound)),
  ]
  return lines.map((line, index) => `${index === 0 ? 'Try:' : '    '}  ${line}\n`).join('')
}

/** Where programs without certificates reach it; undefined: nowhere. */
function addressFor(protocol: string, bound: readonly BoundListener[]): string | undefined {
  const plain = bound.filter(({ isTls }) => !isTls)
  const found =
    plain.find(listener => listener.protocol === protocol) ??
    plain.find(listener => listener.protocol === 'auto')
  if (found === undefined) return undefined
  const [first] = found.hosts
  const isHere = ['127.0.0.1', '0.0.0.0', '::', '::1'].includes(first!)
  return showAddress({ host: isHere ? 'localhost' : first!, port: found.port })
}

function kafkaLines(address: string | undefined): readonly string[] {
  if (address === undefined) return []
  const option = address === 'localhost:9092' ? '' : ` --broker ${address}`
  return [
    `echo hello | npx sabir produce greetings${option}`,
    `npx sabir consume greetings --from-beginning${option}`,
    `kcat -b ${address} -t greetings -C`,
  ]
}

function amqpLines(address: string | undefined): readonly string[] {
  if (address === undefined) return []
  const option = address === 'localhost:5672' ? '' : ` -u amqp://${address}`
  return [
    `amqp-declare-queue -q orders${option}`,
    `amqp-publish -r orders -b 'one tea'${option}`,
    `amqp-get -q orders${option}`,
  ]
}

function respLines(address: string | undefined): readonly string[] {
  if (address === undefined) return []
  const [, host, port] = /^(.*):(\d+)$/.exec(address)!
  const bare = host!.replaceAll(/[[\]]/g, '')
  const hostOption = bare === 'localhost' ? '' : ` -h ${bare}`
  const options = port === '6379' ? hostOption : `${hostOption} -p ${port}`
  return [`redis-cli${options} lpush orders 'one coffee'`, `redis-cli${options} brpop orders 5`]
}
