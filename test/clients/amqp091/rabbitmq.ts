import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, type Launch } from '../brokers.ts'

const LIBRARY = '/usr/lib/rabbitmq/lib'

/** The plugins that Sabir has the features of. */
const plugins = [
  'rabbitmq_consistent_hash_exchange',
  'rabbitmq_random_exchange',
  'rabbitmq_recent_history_exchange',
]

/** Debian's RabbitMQ, one node with ports and folders of its own: the scenarios' measure. */
export async function rabbitmq(): Promise<Launch> {
  const epmdPort = await freePort()
  const distributionPort = await freePort()
  return {
    name: 'rabbitmq',
    companion: () => ({ line: ['epmd', '-port', String(epmdPort), '-address', '127.0.0.1'] }),
    command: (port, folder) => {
      const pluginsFile = join(folder, 'enabled_plugins')
      writeFileSync(pluginsFile, `[${plugins.join(',')}].\n`)
      const config = join(folder, 'rabbitmq.conf')
      writeFileSync(config, settings(port))
      mkdirSync(join(folder, 'mnesia'), { recursive: true })
      return {
        line: [program()],
        env: {
          HOME: folder, // The cookie is made there.
          RABBITMQ_NODENAME: `sabir-${port}@localhost`,
          RABBITMQ_DIST_PORT: String(distributionPort),
          ERL_EPMD_PORT: String(epmdPort),
          ERL_EPMD_ADDRESS: '127.0.0.1',
          RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
          RABBITMQ_LOG_BASE: folder,
          RABBITMQ_LOGS: '-',
          RABBITMQ_PID_FILE: join(folder, 'pid'),
          RABBITMQ_CONFIG_FILE: config,
          RABBITMQ_CONF_ENV_FILE: join(folder, 'no-such-file'),
          RABBITMQ_ENABLED_PLUGINS_FILE: pluginsFile,
          RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none',
        },
      }
    },
  }
}

/** The wrapper in the path drops root's rights; the program itself does not. */
function program(): string {
  const version = existsSync(LIBRARY)
    ? readdirSync(LIBRARY).find(name => name.startsWith('rabbitmq_server-'))
    : undefined
  if (version === undefined) throw new Error('rabbitmq-server is not installed')
  return join(LIBRARY, version, 'sbin/rabbitmq-server')
}

const settings = (port: number): string => `
listeners.tcp.1 = 127.0.0.1:${port}
loopback_users.guest = true
disk_free_limit.absolute = 50MB
log.console.level = info
`
