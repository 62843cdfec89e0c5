import { type ClientState, showAddress } from './client-state.ts'

/** What an object of ours and its buffers cost about, besides what waits in them. */
const CLIENT_BYTES = 2048

/** One client, as CLIENT LIST shows it. */
export function clientLine(client: ClientState, now: number): string {
  const { subscriptions, transaction, watched } = client
  const inputBytes = client.host.pendingBytes
  const queuedBytes = transaction?.sizeBytes ?? 0
  const fields: readonly (readonly [name: string, value: string | number])[] = [
    ['id', client.id],
    ['addr', client.address],
    ['laddr', showAddress(client.local)],
    ['fd', client.id],
    ['name', client.name],
    ['age', secondsSince(client.connectedAt, now)],
    ['idle', secondsSince(client.lastActiveAt, now)],
    ['flags', flagsOf(client)],
    ['db', client.database],
    ['sub', subscriptions?.channelCount ?? 0],
    ['psub', subscriptions?.patternCount ?? 0],
    ['ssub', subscriptions?.shardCount ?? 0],
    ['multi', transaction?.commands.length ?? -1],
    ['watch', watched?.count ?? 0],
    ['qbuf', inputBytes],
    ['qbuf-free', 0],
    ['argv-mem', 0],
    ['multi-mem', queuedBytes],
    ['rbs', 0],
    ['rbp', 0],
    ['obl', 0],
    ['oll', 0],
    ['omem', client.outputBytes],
    ['tot-mem', CLIENT_BYTES + inputBytes + queuedBytes + client.outputBytes],
    ['events', 'r'],
    ['cmd', client.lastCommand?.name ?? 'NULL'],
    ['user', client.user?.name ?? 'default'],
    ['redir', client.tracking?.redirect ?? -1],
    ['resp', client.version],
    ['lib-name', client.libraryName],
    ['lib-ver', client.libraryVersion],
  ]
  return fields.map(([name, value]) => `${name}=${value}`).join(' ')
}

const secondsSince = (then: number, now: number): number =>
  Math.max(0, Math.floor((now - then) / 1000))

/** Letters as Redis has them. */
function flagsOf(client: ClientState): string {
  const letters = [
    client.isMonitor ? 'O' : '',
    typeOf(client) === 'pubsub' ? 'P' : '',
    client.transaction === null ? '' : 'x',
    client.waiter === null ? '' : 'b',
    client.tracking === null ? '' : 't',
    client.tracking?.isBroken === true ? 'R' : '',
    client.tracking?.isBroadcast === true ? 'B' : '',
    client.watched?.wasTouched === true ? 'd' : '',
    client.isClosing ? 'c' : '',
    client.isReadOnly ? 'r' : '',
    client.isNoEvict ? 'e' : '',
    client.isNoTouch ? 'T' : '',
  ].join('')
  return letters === '' ? 'N' : letters
}

/** What CLIENT LIST TYPE and CLIENT KILL TYPE tell apart. There are no replicas. */
export function typeOf({ subscriptions }: ClientState): 'normal' | 'pubsub' {
  if (subscriptions === null) return 'normal'
  const { channelCount, patternCount, shardCount } = subscriptions
  return channelCount + patternCount + shardCount > 0 ? 'pubsub' : 'normal'
}
