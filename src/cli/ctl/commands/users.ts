import {
  badArgument,
  type Call,
  type Command,
  CtlError,
  ctlExit,
  parsedJson,
  sortedJson,
} from '../command.ts'
import { readSecret } from '../../local/secret.ts'
import { atom } from '../values.ts'

const user = (call: Call): string => call.args[0]!

/** From the command line or, so that it is in no history, from stdin. */
async function passwordOf(call: Call): Promise<string> {
  const [, given] = call.args
  if (given !== undefined) return given
  if (call.options['quiet'] !== true) process.stdout.write('Password: \n')
  const read = await readSecret()
  if (read !== '') return read
  throw new CtlError(ctlExit.software, 'Error:\nPassword is not provided via argument or stdin')
}

function checkUserName({ args }: Pick<Call, 'args'>): void {
  if (args[0] === '') throw badArgument('user cannot be an empty string')
}

const section = 'users'

export const commands: readonly Command[] = [
  {
    name: 'add_user',
    usage: '<username> <password>',
    about: 'Makes a user, who may do nothing yet',
    section,
    words: [1, 2],
    check: checkUserName,
    banner: call => `Adding user "${user(call)}" ...`,
    async run(call) {
      await call.ask('add-user', { name: user(call), password: await passwordOf(call) })
      if (call.options['quiet'] === true || call.options['silent'] === true) return undefined
      const remedy = "See 'rabbitmqctl help set_permissions' to learn more."
      return {
        text: "Done. Don't forget to grant the user permissions to some virtual hosts! " + remedy,
      }
    },
  },
  {
    name: 'delete_user',
    usage: '<username>',
    about: 'Deletes a user and ends their connections',
    section,
    words: [1, 1],
    banner: call => `Deleting user "${user(call)}" ...`,
    run: async call => void (await call.ask('delete-user', { name: user(call) })),
  },
  {
    name: 'change_password',
    usage: '<username> <password>',
    about: 'Gives a user another password',
    section,
    words: [1, 2],
    check: checkUserName,
    banner: call => `Changing password for user "${user(call)}" ...`,
    async run(call) {
      await call.ask('set-password', { name: user(call), password: await passwordOf(call) })
    },
  },
  {
    name: 'clear_password',
    usage: '<username>',
    about: 'From then on the user cannot log in with a password',
    section,
    words: [1, 1],
    missing: { user: 'term' },
    banner: call => `Clearing password for user "${user(call)}" ...`,
    run: async call => void (await call.ask('set-password', { name: user(call), password: null })),
  },
  {
    name: 'authenticate_user',
    usage: '<username> <password>',
    about: 'Tries whether a user can log in with a password',
    section,
    words: [1, 2],
    check: checkUserName,
    banner: call => `Authenticating user "${user(call)}" ...`,
    async run(call) {
      const name = user(call)
      const password = await passwordOf(call)
      try {
        await (await call.broker()).ask('authenticate-user', { name, password })
      } catch {
        const text = `failed to authenticate user "${name}"\nuser '${name}' - invalid credentials`
        throw new CtlError(ctlExit.data, `Error:\nError: ${text}`)
      }
      return { text: 'Success' }
    },
  },
  {
    name: 'list_users',
    usage: '[--no-table-headers] [--timeout <timeout>]',
    about: 'Lists users and their tags',
    section,
    words: [0, 0],
    banner: () => 'Listing users ...',
    async run(call) {
      const users = await call.rows('list-users')
      return {
        rows: users.map(({ name, tags }) => ({
          user: String(name),
          tags: (tags as readonly string[]).map(atom),
        })),
      }
    },
  },
  {
    name: 'set_user_tags',
    usage: '<username> <tag> [...]',
    about: 'Sets what kind of user somebody is',
    section,
    words: [1, 33],
    banner: ({ args: [name, ...tags] }) =>
      `Setting tags for user "${name}" to [${tags.join(', ')}] ...`,
    async run({ args: [name, ...tags], ask }) {
      await ask('set-user-tags', { name, tags })
    },
  },
  {
    name: 'set_user_limits',
    usage: '<username> <definition>',
    about: 'Sets how many connections and channels a user may have',
    section,
    words: [2, 2],
    missing: { user: 'term' },
    banner: ({ args }) => `Setting user limits to "${args[1]}" for user "${args[0]}" ...`,
    async run({ args: [name, definition], ask }) {
      await ask('set-user-limits', { name, ...limitsOf(parsedJson(definition!)) })
    },
  },
  {
    name: 'clear_user_limits',
    usage: '<username> <limit_type> | all',
    about: 'Takes limits of a user away',
    section,
    words: [2, 2],
    missing: { user: 'term' },
    banner: ({ args: [name, which] }) =>
      which === 'all'
        ? `Clearing all limits for user "${name}" ...`
        : `Clearing "${which}" limit for user "${name}" ...`,
    async run({ args: [name, which], ask }) {
      const wanted = which === 'all' ? Object.keys(limitNames) : [which!]
      await ask('set-user-limits', {
        name,
        ...limitsOf(Object.fromEntries(wanted.map(key => [key, -1]))),
      })
    },
  },
  {
    name: 'list_user_limits',
    usage: '[--user <username>] [--global]',
    about: 'Shows the limits of a user, or of all',
    section,
    words: [0, 0],
    switches: { user: 'text', global: 'flag' },
    missing: { user: 'term' },
    banner: ({ options }) =>
      options['global'] === true
        ? 'Listing limits for all users ...'
        : `Listing limits for user "${options['user'] ?? 'guest'}" ...`,
    async run({ options, ask, rows }) {
      if (options['global'] !== true) {
        const found = await ask('describe-user', { name: options['user'] ?? 'guest' })
        return { text: sortedJson(shownLimits(found as Limits)) }
      }
      const users = (await rows('list-users')) as readonly (Limits & { readonly name: string })[]
      return {
        rows: users
          .map(one => ({ user: one.name, limits: sortedJson(shownLimits(one)) }))
          .filter(({ limits }) => limits !== '{}'),
        isWhole: true,
      }
    },
  },
]

const limitNames = { 'max-connections': 'connectionsMax', 'max-channels': 'channelsMax' } as const

function limitsOf(given: unknown): Readonly<Record<string, number | null>> {
  const limits: Record<string, number | null> = {}
  for (const [key, value] of Object.entries(given as Readonly<Record<string, unknown>>)) {
    const name = (limitNames as Readonly<Record<string, string>>)[key]
    const error = (text: string): CtlError => new CtlError(ctlExit.unavailable, `Error:\n${text}`)
    if (name === undefined)
      throw error(`Unrecognised terms [{<<"${key}">>,${JSON.stringify(value)}}] in user-limits`)
    if (typeof value !== 'number')
      throw error(`${key} should be a number, actually was <<${JSON.stringify(value)}>>`)
    limits[name] = value < 0 ? null : value
  }
  return limits
}

type Limits = { readonly connectionsMax: number | null; readonly channelsMax: number | null }

const shownLimits = (limits: Limits): Readonly<Record<string, number>> =>
  Object.fromEntries(
    Object.entries(limitNames).flatMap(([key, name]) => {
      const max = limits[name]
      return max === null ? [] : [[key, max]]
    }),
  )
