import { dial } from '../../../server/index.ts'
import { type Command, CtlError, ctlExit } from '../command.ts'
import { alarmLines, type Facts, interfaces, protocolOf } from '../report.ts'

const section = 'monitoring'
const plain = { usage: '', section, words: [0, 0], needs: 'any' } as const

/** What rabbitmq-diagnostics is asked, mostly by health checks of containers. */
export const commands: readonly Command[] = [
  {
    ...plain,
    name: 'check_running',
    about: 'Checks that the broker takes clients',
    banner: ({ node }) => `Checking if RabbitMQ is running on node ${node} ...`,
    async run({ ask, node }) {
      const { isSuspended } = (await ask('status')) as Facts
      if (isSuspended)
        throw new CtlError(ctlExit.unavailable, `Error:\nRabbitMQ on node ${node} is not running`)
      return { text: `RabbitMQ on node ${node} is fully booted and running` }
    },
  },
  ...['check_alarms', 'check_local_alarms'].map((name): Command => {
    const which = name === 'check_alarms' ? 'alarms, local or clusterwide' : 'local alarms'
    return {
      ...plain,
      name,
      about: 'Checks that there is memory and disk enough',
      banner: ({ node }) => `Asking node ${node} to report any local resource alarms ...`,
      async run({ ask, node }) {
        const facts = (await ask('status')) as Facts
        if (Object.keys(facts.alarms.active).length === 0)
          return { text: `Node ${node} reported no ${which}` }
        throw new CtlError(ctlExit.unavailable, `Error:\n${alarmLines(facts).join('\n')}`)
      },
    }
  }),
  {
    ...plain,
    name: 'listeners',
    about: 'Lists where the broker listens',
    banner: ({ node }) => `Asking node ${node} to report its protocol listeners ...`,
    async run({ ask }) {
      return { text: interfaces(((await ask('status')) as Facts).listeners).join('\n') }
    },
  },
  {
    ...plain,
    name: 'check_port_connectivity',
    about: 'Connects to every port the broker listens on',
    banner: ({ node }) => `Testing TCP connections to all active listeners on node ${node} ...`,
    async run({ ask, node }) {
      const { listeners } = (await ask('status')) as Facts
      const ports = listeners.map(({ port }) => port)
      for (const { hosts, port } of listeners)
        await dial({ host: dialable(hosts[0]!), port }, null)
          .then(socket => socket.destroy())
          .catch((error: Error) => {
            throw new CtlError(ctlExit.unavailable, `Error:\nport ${port}: ${error.message}`)
          })
      return { text: `Successfully connected to ports ${ports.join(', ')} on node ${node}.` }
    },
  },
  {
    ...plain,
    name: 'check_port_listener',
    usage: '<port>',
    words: [1, 1],
    about: 'Checks that the broker listens on a port',
    banner: ({ args, node }) =>
      `Asking node ${node} if there's an active listener on port ${args[0]} ...`,
    async run({ args, ask, node }) {
      const ports = ((await ask('status')) as Facts).listeners.map(({ port }) => port)
      if (ports.includes(Number(args[0])))
        return { text: `A listener for port ${args[0]} is running on node ${node}.` }
      throw new CtlError(
        ctlExit.unavailable,
        `No listener for port ${args[0]} is active on node ${node}. ` +
          `Found listeners that use the following ports: ${ports.join(', ')}`,
      )
    },
  },
  {
    ...plain,
    name: 'check_protocol_listener',
    usage: '<protocol>',
    words: [1, 1],
    about: 'Checks that a protocol is served',
    banner: ({ args, node }) =>
      `Asking node ${node} if there's an active listener for protocol ${args[0]} ...`,
    async run({ args: [asked = ''], ask, node }) {
      const { listeners } = (await ask('status')) as Facts
      const there = listeners.flatMap(one => [protocolOf(one), one.protocol])
      if (there.includes(asked.toLowerCase()))
        return { text: `A listener for protocol ${asked} is running on node ${node}.` }
      const known = [...new Set(listeners.map(protocolOf))].join(', ')
      throw new CtlError(
        ctlExit.unavailable,
        `No listener for protocol ${asked} is active on node ${node}. ` +
          `Found listeners for the following protocols: ${known}`,
      )
    },
  },
  {
    ...plain,
    name: 'check_virtual_hosts',
    about: 'Checks virtual hosts; they are there as long as the broker is',
    banner: ({ node }) => `Checking if all vhosts are running on node ${node} ...`,
    async run({ ask, node }) {
      await ask('status')
      return { text: `Node ${node} reported all vhosts as running` }
    },
  },
]

/** What is listened on for all addresses is dialled on this machine. */
const dialable = (host: string): string =>
  host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
