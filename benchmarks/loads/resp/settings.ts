import { parseArgs } from 'node:util'
import { isPeer, type PeerName, peerNames } from './peers.ts'

export const modes = ['commands', 'fan-out', 'idle'] as const
export type Mode = (typeof modes)[number]

export type Settings = {
  readonly mode: Mode
  /** Sent at once by each connection of redis-benchmark. */
  readonly pipelines: readonly number[]
  readonly sizesBytes: readonly number[]
  readonly connections: number
  /** Requests of each test. */
  readonly requests: number
  readonly only: readonly string[]
  readonly subscribers: number
  /** How much is published ahead of what all subscribers have heard. */
  readonly window: number
  readonly seconds: number
}

export const help = `npm run load -- resp [options]

Load to servers that are started for it, each alone and in its own folder, in turn; medians of
rounds, and each divided by that of the last of the peers.

  --peers sabir,redis      ${peerNames.join(', ')}
  --rounds                 default 3
  --mode commands          redis-benchmark: PUBLISH, LPUSH, RPOP, XADD, SET, GET
         fan-out           PUBLISH to --subscribers of one channel
         idle              memory with as many subscribers that hear nothing
  --only LPUSH,RPOP        default all
  --pipelines              default 1,16
  --body-bytes             default 16,1024
  --connections            of redis-benchmark; default 50
  --requests               of each test without pipelining; ten times as many with; default 100000
  --subscribers            default 100; idle: 10000
  --window                 published ahead, fan-out; default 50
  --seconds                measured, fan-out; default 5
`

export function parseSettings(options: string[]): Settings & {
  readonly peers: readonly PeerName[]
  readonly rounds: number
} {
  const { values } = parseArgs({
    args: options,
    options: {
      peers: { type: 'string', default: 'sabir,redis' },
      rounds: { type: 'string', default: '3' },
      mode: { type: 'string', default: 'commands' },
      only: { type: 'string', default: 'PUBLISH,LPUSH,RPOP,XADD,SET,GET' },
      pipelines: { type: 'string', default: '1,16' },
      'body-bytes': { type: 'string', default: '16,1024' },
      connections: { type: 'string', default: '50' },
      requests: { type: 'string', default: '100000' },
      subscribers: { type: 'string' },
      window: { type: 'string', default: '50' },
      seconds: { type: 'string', default: '5' },
    },
  })
  const mode = modes.find(one => one === values.mode)
  if (mode === undefined) throw new Error(`no mode "${values.mode}": ${modes.join(', ')}`)
  return {
    mode,
    peers: values.peers.split(',').map(peerOf),
    rounds: Number(values.rounds),
    only: values.only.split(','),
    pipelines: values.pipelines.split(',').map(Number),
    sizesBytes: values['body-bytes'].split(',').map(Number),
    connections: Number(values.connections),
    requests: Number(values.requests),
    subscribers: Number(values.subscribers ?? (mode === 'idle' ? 10_000 : 100)),
    window: Number(values.window),
    seconds: Number(values.seconds),
  }
}

function peerOf(name: string): PeerName {
  if (!isPeer(name)) throw new Error(`no peer "${name}": ${peerNames.join(', ')}`)
  return name
}
