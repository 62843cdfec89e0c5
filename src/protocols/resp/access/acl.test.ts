import { afterEach, beforeEach, expect, test } from 'vitest'
import { openBroker } from '../../../../test/broker/memory-broker.ts'
import type { Broker } from '../../../broker/broker.ts'
import { Arguments } from '../../../lib/resp/index.ts'
import type { Client } from '../client.ts'
import { openServices, respOptionsDefault } from '../index.ts'
import type { Services } from '../services.ts'

let broker: Broker
let services: Services

beforeEach(async () => {
  broker = await openBroker()
  services = openServices(broker, respOptionsDefault)
})

afterEach(() => broker.close())

const setUser = (name: string, ...rules: string[]): void => services.acl.change(name, rules)

/** `OK`, or what is not allowed. */
function attempt(name: string, ...words: string[]): string {
  const args = Arguments.of(words)
  const entry = services.commands.find(args)!
  const denial = services.acl.denial(name, entry.command, args, services.database(0))
  return denial === null ? 'OK' : denial.reason
}

const clientFrom = (host: string): Client =>
  ({
    remote: { host, port: 1 },
    id: -1,
    user: null,
    database: 0,
    grants: null,
  }) as Partial<Client> as Client

const logIn = async (name: string | null, password: string, host = '127.0.0.1') =>
  (await services.gatekeeper.authenticate(clientFrom(host), name, password))?.name ?? null

test('acl: rules are shown as they would have to be given', () => {
  const told: [rules: string, shown: string][] = [
    ['', 'off sanitize-payload resetchannels -@all'],
    ['on nopass ~* &* +@all', 'on nopass sanitize-payload ~* &* +@all'],
    ['~a ~a %R~b %W~b %RW~c', 'off sanitize-payload ~a ~b ~c resetchannels -@all'],
    [
      '+get +@hash -hset +config|get',
      'off sanitize-payload resetchannels -@all +get +@hash -hset +config|get',
    ],
    ['+get -get', 'off sanitize-payload resetchannels -@all -get'],
    ['+config|get +config', 'off sanitize-payload resetchannels -@all +config'],
    ['+select|0', 'off sanitize-payload resetchannels -@all +select|0'],
    ['allcommands -@admin nocommands +get', 'off sanitize-payload resetchannels -@all +get'],
    ['(~x +get) clearselectors (%R~y', 'Unmatched'],
    [
      '(~x +get) (%R~y &z +@all)',
      'off sanitize-payload resetchannels -@all (~x resetchannels -@all +get) ' +
        '(%R~y resetchannels &z +@all)',
    ],
  ]
  for (const [index, [rules, shown]] of told.entries()) {
    const name = `u${index}`
    const given = rules.split(' ').filter(rule => rule !== '')
    if (shown === 'Unmatched') {
      expect(() => setUser(name, ...given)).toThrow("starting at '(%R~y'")
      continue
    }
    setUser(name, ...given)
    expect(services.acl.find(name)!.text).toBe(shown)
    const [, ...again] = services.acl.find(name)!.text.split(' ')
    setUser(`${name}b`, 'reset', ...again)
    expect(services.acl.find(`${name}b`)!.text.replace(/^\w+/, '')).toBe(shown.replace(/^\w+/, ''))
  }
})

test('acl: all rules hold, or none', () => {
  setUser('ann', '+get')
  expect(() => setUser('ann', '+set', '+nosuch')).toThrow(
    "ERR Error in ACL SETUSER modifier '+nosuch': Unknown command or category name in ACL",
  )
  expect(attempt('ann', 'get', 'k')).toBe('key')
  expect(attempt('ann', 'set', 'k', 'v')).toBe('command')
  expect(() => setUser('bob', 'what')).toThrow('Syntax error')
  expect(services.acl.find('bob')).toBeUndefined()
})

test('acl: keys that may be read, and keys that may be written', () => {
  setUser('ann', '%R~r:*', '%W~w:*', '~b:*', '+@all')
  const tried: [words: string, answer: string][] = [
    ['get r:1', 'OK'],
    ['get w:1', 'key'],
    ['set w:1 v', 'OK'],
    ['set w:1 v get', 'key'],
    ['set b:1 v get', 'OK'],
    ['lpush w:1 v', 'OK'],
    ['lpop w:1', 'key'],
    ['exists w:1', 'OK'],
    ['exists x', 'key'],
    ['del w:1 r:1', 'key'],
    ['lmove b:1 w:1 left right', 'OK'],
    ['lmove w:1 b:1 left right', 'key'],
    ['mget r:1 b:1', 'OK'],
    ['publish c m', 'channel'],
    ['ping', 'OK'],
  ]
  for (const [words, answer] of tried)
    expect([words, attempt('ann', ...words.split(' '))]).toEqual([words, answer])
})

test('acl: a selector may do what the user itself may not', () => {
  setUser('ann', '+get', '~a', '(+set ~b)', '(+publish &c)')
  expect(attempt('ann', 'get', 'a')).toBe('OK')
  expect(attempt('ann', 'set', 'b', 'v')).toBe('OK')
  expect(attempt('ann', 'set', 'a', 'v')).toBe('key')
  expect(attempt('ann', 'publish', 'c', 'm')).toBe('OK')
  expect(attempt('ann', 'publish', 'd', 'm')).toBe('channel')
  expect(attempt('ann', 'del', 'a')).toBe('command')
})

test('acl: who was made for Redis may do the same with other protocols', () => {
  setUser('ann', 'on', '>pw', '%R~in.*', '%W~out?', '~both[12]', '+@all')
  const ann = broker.access.user('ann')!
  const may = (operation: 'configure' | 'write' | 'read', name: string) =>
    broker.access.may(ann, '/', operation, name)
  expect(broker.access.mayEnter(ann, '/')).toBe(true)
  expect([may('read', 'in.1'), may('write', 'in.1'), may('read', 'xin.1')]).toEqual([
    true,
    false,
    false,
  ])
  expect([may('write', 'out1'), may('configure', 'out1'), may('write', 'out12')]).toEqual([
    true,
    true,
    false,
  ])
  expect([may('read', 'both1'), may('write', 'both2'), may('write', 'both3')]).toEqual([
    true,
    true,
    false,
  ])
  broker.access.setPermission('ann', '/', { configure: '^$', write: '^$', read: '^in\\.1$' })
  expect(attempt('ann', 'get', 'in.1')).toBe('OK')
  expect(attempt('ann', 'get', 'in.2')).toBe('key')
})

test('acl: who was made for RabbitMQ goes by patterns of names', () => {
  broker.access.add('bob', 'pw')
  expect(attempt('bob', 'get', 'k')).toBe('command')
  broker.access.setPermission('bob', '/', { configure: '^tmp', write: '^(tmp|out)', read: '^in' })
  const tried: [words: string, answer: string][] = [
    ['get in1', 'OK'],
    ['get out1', 'key'],
    ['set tmp1 v', 'OK'],
    ['set out1 v', 'key'],
    ['subscribe in1', 'OK'],
    ['subscribe out1', 'channel'],
    ['publish out1 m', 'OK'],
    ['psubscribe in*', 'channel'],
    ['acl whoami', 'OK'],
    ['acl list', 'command'],
    ['flushall', 'command'],
  ]
  for (const [words, answer] of tried)
    expect([words, attempt('bob', ...words.split(' '))]).toEqual([words, answer])
  broker.access.setTags('bob', ['administrator'])
  expect(attempt('bob', 'acl', 'list')).toBe('OK')
  setUser('bob', 'off')
  expect(broker.access.user('bob')!.permissions.get('/')!.read).toBe('^in')
})

test('acl: passwords of one store are good everywhere', async () => {
  setUser('ann', 'on', '>one', '>two', '+@all', '~*')
  broker.access.add('bob', 'rabbit')
  expect(await logIn('ann', 'one')).toBe('ann')
  expect(await logIn('ann', 'two')).toBe('ann')
  expect(await logIn('ann', 'three')).toBeNull()
  expect(await logIn('bob', 'rabbit')).toBe('bob')
  expect((await broker.access.authenticate('ann', 'one'))?.name).toBe('ann')
  expect(broker.access.user('ann')!.credentials.scram).not.toBeNull()
  setUser('ann', '<two')
  expect([await logIn('ann', 'one'), await logIn('ann', 'two')]).toEqual(['ann', null])
  setUser('ann', 'off')
  expect(await logIn('ann', 'one')).toBeNull()
  setUser('ann', 'on', 'resetpass')
  expect(await logIn('ann', 'one')).toBeNull()
  expect(services.acl.log.counts.auth).toBe(4)
  expect(services.acl.log.entries[0]).toMatchObject({ username: 'ann', count: 4, object: 'AUTH' })
})

test('acl: everybody is the default user, until it has a password or is off', async () => {
  const near = clientFrom('127.0.0.1')
  const far = clientFrom('10.0.0.1')
  const { gatekeeper } = services
  expect(gatekeeper.anonymous(near)?.name).toBe('default')
  expect(gatekeeper.greet(near)).toBeNull()
  expect(gatekeeper.greet(far)).toMatch(/^DENIED Redis is running in protected mode/)
  await expect(logIn(null, 'x')).rejects.toThrow('without any password configured')
  services.parameters.get('requirepass')!.set!('secret')
  expect([gatekeeper.anonymous(near), gatekeeper.greet(far)]).toEqual([null, null])
  expect([await logIn(null, 'secret'), await logIn(null, 'x')]).toEqual(['default', null])
  expect(services.parameters.get('requirepass')!.get()).toBe('secret')
  services.parameters.get('requirepass')!.set!('')
  expect(gatekeeper.anonymous(near)?.name).toBe('default')
  // Open to AMQP from this machine only.
  expect(broker.access.mayLogInFrom(broker.access.user('default')!, false)).toBe(false)
  setUser('default', 'off')
  expect(gatekeeper.anonymous(near)).toBeNull()
  expect(() => setUser('default', 'reset')).not.toThrow()
})

test('acl: a client is asked for nothing new until users change', () => {
  const client = { ...clientFrom('127.0.0.1'), user: services.acl.anybody }
  const args = Arguments.of(['get', 'k'])
  const { command } = services.commands.find(args)!
  const { gatekeeper } = services
  expect(gatekeeper.refusal(client, command, args, 'toplevel')).toBeNull()
  const { grants } = client
  expect(gatekeeper.refusal(client, command, args, 'toplevel')).toBeNull()
  expect(client.grants).toBe(grants)
  setUser('default', '-get')
  expect(gatekeeper.refusal(client, command, args, 'multi')).toBe(
    "NOPERM User default has no permissions to run the 'get' command",
  )
  expect(services.acl.log.entries[0]).toMatchObject({
    reason: 'command',
    context: 'multi',
    object: 'get',
  })
  setUser('default', '+get', 'resetkeys', '~a')
  expect(gatekeeper.refusal(client, command, args, 'lua')).toBe(
    'NOPERM No permissions to access a key',
  )
})
