import type { Command, CommandFlag } from '../../command.ts'
import { type HelpForm, helpCommand } from '../../help.ts'
import { dryRun, generatePassword, listCategories, showLog } from './inspect.ts'
import { deleteUsers, getUser, listUsers, nameUsers, setUser, whoAmI } from './users.ts'

const group = 'server'
const open: readonly CommandFlag[] = ['noscript', 'loading', 'stale']
const closed: readonly CommandFlag[] = ['admin', ...open]

const forms: readonly HelpForm[] = [
  ['CAT [<category>]', 'Categories of commands, or the commands of one.'],
  ['DELUSER <username> [<username> ...]', 'Deletes users.'],
  ['DRYRUN <username> <command> [<arg> ...]', 'Whether a user may run a command, not run.'],
  ['GENPASS [<bits>]', 'A password that nobody guesses, 256 bits unless told otherwise.'],
  ['GETUSER <username>', 'What is known of a user.'],
  ['LIST', 'All users with their rules.'],
  ['LOAD', 'Nothing: users are always as they were stored.'],
  ['LOG [<count> | RESET]', 'What was refused.'],
  ['SAVE', 'Nothing: users are stored when they are changed.'],
  ['SETUSER <username> <attribute> [<attribute> ...]', 'Makes or changes a user.'],
  ['USERS', 'The names of all users.'],
  ['WHOAMI', 'The name this connection is logged in with.'],
]

const subcommands: readonly Command[] = [
  {
    name: 'acl|cat',
    arity: -2,
    group,
    flags: open,
    since: '6.0.0',
    summary: 'Lists categories, or the commands of one.',
    run: listCategories,
  },
  {
    name: 'acl|deluser',
    arity: -3,
    group,
    flags: closed,
    since: '6.0.0',
    summary: 'Deletes users, and sends away who is logged in as them.',
    run: deleteUsers,
  },
  {
    name: 'acl|dryrun',
    arity: -4,
    group,
    flags: closed,
    since: '7.0.0',
    summary: 'Says whether a user may run a command.',
    run: dryRun,
  },
  {
    name: 'acl|genpass',
    arity: -2,
    group,
    flags: open,
    since: '6.0.0',
    summary: 'Makes a password.',
    run: generatePassword,
  },
  {
    name: 'acl|getuser',
    arity: 3,
    group,
    flags: closed,
    since: '6.0.0',
    summary: 'Shows a user.',
    run: getUser,
  },
  {
    name: 'acl|list',
    arity: 2,
    group,
    flags: closed,
    since: '6.0.0',
    summary: 'Shows all users with their rules.',
    run: listUsers,
  },
  {
    name: 'acl|load',
    arity: 2,
    group,
    flags: closed,
    since: '6.0.0',
    summary: 'Does nothing: users are in the log.',
    run: ({ reply }) => reply.ok(),
  },
  {
    name: 'acl|log',
    arity: -2,
    group,
    flags: closed,
    since: '6.0.0',
    summary: 'Shows, or forgets, what was refused.',
    run: showLog,
  },
  {
    name: 'acl|save',
    arity: 2,
    group,
    flags: closed,
    since: '6.0.0',
    summary: 'Does nothing: users are in the log.',
    run: ({ reply }) => reply.ok(),
  },
  {
    name: 'acl|setuser',
    arity: -3,
    group,
    flags: closed,
    since: '6.0.0',
    summary: 'Makes a user, or changes one.',
    run: setUser,
  },
  {
    name: 'acl|users',
    arity: 2,
    group,
    flags: closed,
    since: '6.0.0',
    summary: 'Shows the names of all users.',
    run: nameUsers,
  },
  {
    name: 'acl|whoami',
    arity: 2,
    group,
    flags: open,
    since: '6.0.0',
    summary: 'Shows who this connection is logged in as.',
    run: whoAmI,
  },
  helpCommand('acl', forms, { group, flags: ['loading', 'stale'], since: '6.0.0' }),
]

export const aclCommands: readonly Command[] = [
  {
    name: 'acl',
    arity: -2,
    group,
    flags: [],
    since: '6.0.0',
    summary: 'Users and what they may.',
    subcommands,
  },
]
