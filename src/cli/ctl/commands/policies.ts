import type { Command, Json } from '../command.ts'
import { parsedJson, sortedJson } from '../command.ts'
import type { Row } from '../values.ts'

const section = 'policies'
const SET =
  '[--vhost <vhost>] [--priority <priority>] [--apply-to <apply-to>] <name> <pattern> <definition>'

/** The same for policies of users and of operators. */
function commandsOf(kind: {
  readonly one: string
  readonly many: string
  readonly isOperator: boolean
  readonly words: readonly [setting: string, clearing: string, listing: string]
}): readonly Command[] {
  const { one, many, isOperator, words } = kind
  return [
    {
      name: `set_${one}`,
      usage: SET,
      about: `Makes or changes ${words[0]}`,
      section,
      words: [3, 3],
      switches: { priority: 'integer', apply_to: 'text' },
      banner: ({ args: [name, pattern, definition], options, vhost }) =>
        `Setting ${words[0]} "${name}" for pattern "${pattern}" to "${definition}" ` +
        `with priority "${options['priority'] ?? 0}" for vhost "${vhost}" ...`,
      async run({ args: [name, pattern, definition], options, vhost, ask }) {
        await ask('set-policy', {
          namespace: vhost,
          name,
          pattern,
          definition: parsedJson(definition!),
          priority: options['priority'] ?? 0,
          applyTo: options['apply_to'] ?? 'all',
          isOperator,
        })
      },
    },
    {
      name: `clear_${one}`,
      usage: '[--vhost <vhost>] <name>',
      about: `Takes ${words[1]} away`,
      section,
      words: [1, 1],
      banner: ({ args, vhost }) => `Clearing ${words[1]} "${args[0]}" on vhost "${vhost}" ...`,
      run: async ({ args: [name], vhost, ask }) =>
        void (await ask('delete-policy', { namespace: vhost, name, isOperator })),
    },
    {
      name: `list_${many}`,
      usage: '[--vhost <vhost>] [--no-table-headers] [--timeout <timeout>]',
      about: `Lists ${words[2]} of a virtual host`,
      section,
      words: [0, 0],
      banner: ({ vhost }) => `Listing ${words[2]} for vhost "${vhost}" ...`,
      async run({ vhost, rows }) {
        const found = await rows('list-policies', { namespace: vhost, isOperator })
        return { rows: found.map(policyRow) }
      },
    },
  ]
}

export const commands: readonly Command[] = [
  ...commandsOf({
    one: 'policy',
    many: 'policies',
    isOperator: false,
    words: ['policy', 'policy', 'policies'],
  }),
  ...commandsOf({
    one: 'operator_policy',
    many: 'operator_policies',
    isOperator: true,
    words: ['operator policy override', 'operator policy', 'operator policy overrides'],
  }),
]

const policyRow = (policy: Json): Row => ({
  vhost: String(policy['namespace']),
  name: String(policy['name']),
  pattern: String(policy['pattern']),
  'apply-to': String(policy['applyTo']),
  definition: sortedJson(policy['definition']),
  priority: Number(policy['priority']),
})
