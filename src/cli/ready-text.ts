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
  const plain = bound.find(({ isTls, protocol }) => !isTls && protocol !== 'amqp091')
  if (plain === undefined) return ''
  const host = ['127.0.0.1', '0.0.0.0', '::', '::1'].includes(plain.hosts[0]!)
    ? 'localhost'
    : plain.hosts[0]!
  const address = showAddress({ host, port: plain.port })
  const option = address === 'localhost:9092' ? '' : ` --broker ${address}`
  return (
    `Try:  echo hello | npx sabir produce greetings${option}\n` +
    `      npx sabir consume greetings --from-beginning${option}\n` +
    `      kcat -b ${address} -t greetings -C\n`
  )
}
