import type { Command, CommandFlag } from '../../command.ts'
import { ReplyError } from '../../errors.ts'

const disabled = (): never => {
  throw new ReplyError('ERR This instance has cluster support disabled')
}

const plain: readonly CommandFlag[] = ['stale']
const loading: readonly CommandFlag[] = ['loading', 'stale']
const admin: readonly CommandFlag[] = ['admin', 'stale']
const changing: readonly CommandFlag[] = ['no_async_loading', 'admin', 'stale']

type Row = readonly [name: string, arity: number, flags: readonly CommandFlag[], since: string]

/** Clients find out with these whether they talk to a cluster. */
const rows: readonly Row[] = [
  ['addslots', -3, changing, '3.0.0'],
  ['addslotsrange', -4, changing, '7.0.0'],
  ['bumpepoch', 2, changing, '3.0.0'],
  ['count-failure-reports', 3, admin, '3.0.0'],
  ['countkeysinslot', 3, plain, '3.0.0'],
  ['delslots', -3, changing, '3.0.0'],
  ['delslotsrange', -4, changing, '7.0.0'],
  ['failover', -2, changing, '3.0.0'],
  ['flushslots', 2, changing, '3.0.0'],
  ['forget', 3, changing, '3.0.0'],
  ['getkeysinslot', 4, plain, '3.0.0'],
  ['help', 2, loading, '5.0.0'],
  ['info', 2, plain, '3.0.0'],
  ['keyslot', 3, plain, '3.0.0'],
  ['links', 2, plain, '7.0.0'],
  ['meet', -4, changing, '3.0.0'],
  ['myid', 2, plain, '3.0.0'],
  ['myshardid', 2, plain, '7.2.0'],
  ['nodes', 2, plain, '3.0.0'],
  ['replicas', 3, admin, '5.0.0'],
  ['replicate', 3, changing, '3.0.0'],
  ['reset', -2, ['admin', 'stale', 'noscript'], '3.0.0'],
  ['saveconfig', 2, changing, '3.0.0'],
  ['set-config-epoch', 3, changing, '3.0.0'],
  ['setslot', -4, changing, '3.0.0'],
  ['shards', 2, loading, '7.0.0'],
  ['slaves', 3, admin, '3.0.0'],
  ['slots', 2, loading, '3.0.0'],
]

export const clusterCommands: readonly Command[] = [
  {
    name: 'cluster',
    arity: -2,
    group: 'cluster',
    flags: [],
    since: '3.0.0',
    summary: 'One broker has all keys.',
    subcommands: rows.map(([name, arity, flags, since]) => ({
      name: `cluster|${name}`,
      arity,
      group: 'cluster',
      flags,
      since,
      summary: 'One broker has all keys.',
      run: disabled,
    })),
  },
  ...['asking', 'readonly', 'readwrite'].map(
    (name): Command => ({
      name,
      arity: 1,
      group: 'cluster',
      flags: name === 'asking' ? ['fast'] : ['fast', 'loading', 'stale'],
      categories: ['connection'],
      since: '3.0.0',
      summary: 'About replicas and moving keys, which there are none of.',
      run: disabled,
    }),
  ),
]
