import { type Command, parsedJson, sortedJson } from '../command.ts'

const section = 'parameters'
const LISTED = '[--no-table-headers] [--timeout <timeout>]'

export const commands: readonly Command[] = [
  {
    name: 'set_parameter',
    usage: '[--vhost <vhost>] <component_name> <name> <value>',
    about: 'Sets a parameter of a component',
    section,
    words: [3, 3],
    banner: ({ args: [component, name, value], vhost }) =>
      `Setting runtime parameter "${name}" for component "${component}" to "${value}" ` +
      `in vhost "${vhost}" ...`,
    async run({ args: [component, name, value], vhost, ask }) {
      const parsed = parsedJson(value!)
      await ask('set-parameter', { namespace: vhost, component, name, value: parsed })
    },
  },
  {
    name: 'clear_parameter',
    usage: '[--vhost <vhost>] <component_name> <name>',
    about: 'Takes a parameter away',
    section,
    words: [2, 2],
    banner: ({ args: [component, name], vhost }) =>
      `Clearing runtime parameter "${name}" for component "${component}" on vhost "${vhost}" ...`,
    async run({ args: [component, name], vhost, ask }) {
      await ask('clear-parameter', { namespace: vhost, component, name })
    },
  },
  {
    name: 'list_parameters',
    usage: `[--vhost <vhost>] ${LISTED}`,
    about: 'Lists parameters of a virtual host',
    section,
    words: [0, 0],
    banner: ({ vhost }) => `Listing runtime parameters for vhost "${vhost}" ...`,
    async run({ vhost, rows }) {
      const found = await rows('list-parameters', { namespace: vhost })
      return {
        rows: found.map(({ component, name, value }) => ({
          component: String(component),
          name: String(name),
          value: sortedJson(value),
        })),
      }
    },
  },
  {
    name: 'set_global_parameter',
    usage: '<name> <value>',
    about: 'Sets a parameter of all virtual hosts',
    section,
    words: [2, 2],
    banner: ({ args }) => `Setting global runtime parameter "${args[0]}" to "${args[1]}" ...`,
    run: async ({ args: [name, value], ask }) =>
      void (await ask('set-global-parameter', { name, value: parsedJson(value!) })),
  },
  {
    name: 'clear_global_parameter',
    usage: '<name>',
    about: 'Takes a parameter of all virtual hosts away',
    section,
    words: [1, 1],
    banner: ({ args }) => `Clearing global runtime parameter "${args[0]}" ...`,
    run: async ({ args: [name], ask }) => void (await ask('clear-global-parameter', { name })),
  },
  {
    name: 'list_global_parameters',
    usage: LISTED,
    about: 'Lists parameters of all virtual hosts',
    section,
    words: [0, 0],
    banner: () => 'Listing global runtime parameters ...',
    async run({ rows }) {
      const found = await rows('list-global-parameters')
      return {
        rows: found.map(({ name, value }) => ({ name: String(name), value: sortedJson(value) })),
      }
    },
  },
  {
    name: 'set_cluster_name',
    usage: '<name>',
    about: 'Names the broker',
    section: 'configuration',
    words: [1, 1],
    banner: ({ args }) => `Setting cluster name to ${args[0]} ...`,
    run: async ({ args: [value], ask }) =>
      void (await ask('set-global-parameter', { name: 'cluster_name', value })),
  },
]
