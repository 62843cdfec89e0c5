import { type Call, type Command, CtlError, ctlExit, type Json } from '../command.ts'
import { isRunning } from './wait.ts'
import { clusterReport, type Facts, statusReport } from '../report.ts'

const PING_MS = 60_000
const ONLINE_S = 300
const HEALTH_S = 70

const statusOf = async ({ ask }: Call): Promise<Facts> => (await ask('status')) as Facts

const millis = (call: Call, usual: number): number =>
  typeof call.options['timeout'] === 'number' ? call.options['timeout'] * 1000 : usual

export const commands: readonly Command[] = [
  {
    name: 'ping',
    usage: '[--timeout <timeout>]',
    about: 'Checks that the broker runs and answers',
    section: 'monitoring',
    words: [0, 0],
    needs: 'any',
    banner: call =>
      `Will ping ${call.node}. This only checks if the OS process is running and registered with ` +
      `epmd. Timeout: ${millis(call, PING_MS)} ms.`,
    async run(call) {
      await statusOf(call)
      return { text: 'Ping succeeded' }
    },
  },
  {
    name: 'status',
    usage: '[--unit <unit>] [--timeout <timeout>]',
    about: 'Shows how the broker is',
    section: 'monitoring',
    words: [0, 0],
    switches: { unit: 'text' },
    needs: 'any',
    banner: ({ node }) => `Status of node ${node} ...`,
    run: async call => statusReport(await statusOf(call), String(call.options['unit'] ?? 'gb')),
  },
  {
    name: 'cluster_status',
    usage: '[--timeout <timeout>]',
    about: 'Shows the one node there is',
    section: 'cluster',
    words: [0, 0],
    banner: ({ node }) => `Cluster status of node ${node} ...`,
    async run(call) {
      const globals = await call.rows('list-global-parameters')
      const name = globals.find(one => one['name'] === 'cluster_name')?.['value']
      return clusterReport(await statusOf(call), typeof name === 'string' ? name : call.node)
    },
  },
  {
    name: 'environment',
    usage: '',
    about: 'Shows what the broker was started with',
    section: 'configuration',
    words: [0, 0],
    banner: ({ node }) => `Application environment of node ${node} ...`,
    async run(call) {
      const { totals: _totals, alarms: _alarms, ...facts } = (await statusOf(call)) as Facts & Json
      const lines = Object.entries(facts).map(
        ([name, value]) => `${name}: ${JSON.stringify(value)}`,
      )
      return { text: lines.join('\n'), value: facts }
    },
  },
  {
    name: 'await_online_nodes',
    usage: '<count> [--timeout <timeout>]',
    about: 'Waits for nodes; there is one',
    section: 'cluster',
    words: [1, 1],
    banner: ({ args, node, options }) =>
      `Will wait for at least ${args[0]} nodes to join the cluster of ${node}. ` +
      `Timeout: ${Number(options['timeout'] ?? ONLINE_S)} seconds.`,
    async run({ args: [count] }) {
      if (Number(count) > 1)
        throw new CtlError(
          ctlExit.unavailable,
          'Error:\nthere is one node, and there will be no other',
        )
    },
  },
  {
    name: 'node_health_check',
    usage: '[--timeout <timeout>]',
    about: 'Checks that the broker runs without alarms (check_running and check_alarms say more)',
    section: 'monitoring',
    words: [0, 0],
    banner: ({ node, options }) => [
      `Timeout: ${Number(options['timeout'] ?? HEALTH_S)} seconds ...`,
      `Checking health of node ${node} ...`,
    ],
    async run(call) {
      const active = Object.keys((await statusOf(call)).alarms.active)
      if (active.length > 0)
        throw new CtlError(
          ctlExit.software,
          `Error:\nresource alarm(s) in effect: ${active.join(', ')}`,
        )
      return { text: 'Health check passed' }
    },
  },
  ...lifeCommands(),
]

/** Beginning and ending. */
function lifeCommands(): readonly Command[] {
  const section = 'nodes'
  const end = async (call: Call): Promise<void> => {
    const { pid } = await statusOf(call)
    await call.ask('stop')
    await ended(pid)
  }
  const plain = { usage: '', section, words: [0, 0] } as const
  return [
    {
      ...plain,
      name: 'stop_app',
      about: 'Ends all connections and takes none, until start_app',
      needs: 'any',
      banner: ({ node }) => `Stopping rabbit application on node ${node} ...`,
      run: async ({ ask }) => void (await ask('suspend')),
    },
    {
      ...plain,
      name: 'start_app',
      about: 'Takes connections again',
      needs: 'any',
      banner: ({ node }) => `Starting node ${node} ...`,
      run: async ({ ask }) => void (await ask('resume')),
    },
    ...['reset', 'force_reset'].map((name): Command => {
      return {
        ...plain,
        name,
        about: 'Deletes everything: queues, topics, messages, users; after stop_app only',
        needs: 'suspended',
        banner: ({ node }) =>
          `${name === 'reset' ? 'Resetting' : 'Forcefully resetting'} node ${node} ...`,
        run: async ({ ask }) => void (await ask('reset')),
      }
    }),
    {
      name: 'stop',
      usage: '[--idempotent] [<pidfile>]',
      about: 'Ends the process of the broker in good order',
      section,
      words: [0, 1],
      switches: { idempotent: 'flag' },
      needs: 'any',
      banner: ({ node }) => `Stopping and halting node ${node} ...`,
      async run(call) {
        try {
          await end(call)
        } catch (error) {
          if (call.options['idempotent'] !== true) throw error
        }
      },
    },
    {
      name: 'shutdown',
      usage: '[--wait] [--timeout <timeout>]',
      about: 'Ends the process of the broker in good order, and waits until it is gone',
      section,
      words: [0, 0],
      switches: { wait: 'flag' },
      needs: 'any',
      banner: ({ node }) => `Shutting down RabbitMQ node ${node} ...`,
      run: end,
    },
  ]
}

const POLL_MS = 50
const END_POLLS_MAX = 1200

const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

async function ended(pid: number): Promise<void> {
  for (let polls = 0; polls < END_POLLS_MAX; polls++) {
    if (!isRunning(pid)) return
    await sleep(POLL_MS)
  }
  throw new CtlError(ctlExit.unavailable, `Error:\nprocess ${pid} did not end`)
}
