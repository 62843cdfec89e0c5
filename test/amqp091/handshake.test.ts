import { describe, expect, test, vi } from 'vitest'
import type { FieldTable, FieldValue } from '../../src/protocols/amqp091/codec/index.ts'
import * as schema from '../../src/protocols/amqp091/schema/index.ts'
import type { Peer } from '../../src/protocols/protocol.ts'
import { type AmqpClient, AmqpLoopback, type Login, type Received } from './loopback.ts'
import { receiveLent } from '../../src/protocols/lent-read.fixture.ts'

const yes: FieldValue = { type: 'bool', value: true }
const capable = (...names: string[]): FieldTable =>
  new Map([['capabilities', { type: 'table', value: new Map(names.map(name => [name, yes])) }]])

/** What came and was not taken, as texts. */
const texts = (client: AmqpClient): string[] => client.inbox.map(textOf)

const textOf = ({ name, fields }: Received): string => {
  const { replyText } = fields
  return typeof replyText === 'string' ? `${name} ${replyText}` : name
}

describe('handshake: protocol header', () => {
  test.each([
    ['of HTTP', 'GET / HTTP/1.1\r\n\r\n'],
    ['of AMQP 1.0', 'AMQP\0\x01\0\0'],
    ['of AMQP 0-8', 'AMQP\x01\x01\x08\0'],
    ['of nothing', '\xff\xff'],
  ])('one %s is answered with ours', async (_name, text) => {
    await using world = await AmqpLoopback.open()
    const client = world.client()
    receiveLent(client.connection, Buffer.from(text, 'latin1'))
    expect(texts(client)).toEqual(['protocol header'])
    expect(client.isEnded).toBe(true)
  })

  test('it may come byte by byte', async () => {
    await using world = await AmqpLoopback.open()
    const client = world.client()
    for (const byte of Buffer.from('AMQP\0\0\x09\x01', 'latin1'))
      receiveLent(client.connection, Buffer.of(byte))
    const { fields } = await client.next('connection.start')
    expect(fields).toMatchObject({ versionMajor: 0, versionMinor: 9 })
    expect(String(fields['locales'])).toBe('en_US')
    expect(String(fields['mechanisms'])).toBe('AMQPLAIN PLAIN ANONYMOUS RABBIT-CR-DEMO')
  })

  test('the server says what it can', async () => {
    await using world = await AmqpLoopback.open()
    const { fields } = await world.client().start()
    const properties = fields['serverProperties'] as FieldTable
    const capabilities = properties.get('capabilities')!.value as FieldTable
    expect([...capabilities.keys()].toSorted()).toEqual([
      'authentication_failure_close',
      'basic.nack',
      'connection.blocked',
      'consumer_cancel_notify',
      'consumer_priorities',
      'direct_reply_to',
      'exchange_exchange_bindings',
      'per_consumer_qos',
      'publisher_confirms',
    ])
    expect(properties.get('product')!.value).toBe('RabbitMQ')
  })
})

describe('handshake: proof of identity', () => {
  const amqplain = (user: string, password: string): Buffer => {
    const part = (name: string, value: string): Buffer =>
      Buffer.concat([
        Buffer.of(name.length),
        Buffer.from(`${name}S`),
        Buffer.of(0, 0, 0, value.length),
        Buffer.from(value),
      ])
    return Buffer.concat([part('LOGIN', user), part('PASSWORD', password)])
  }

  async function answer(
    client: AmqpClient,
    mechanism: string,
    response: Buffer | string,
    properties: FieldTable = capable('authentication_failure_close'),
  ): Promise<string> {
    await client.start()
    client.send(0, schema.connectionStartOk, {
      clientProperties: properties,
      mechanism,
      response: Buffer.from(response),
      locale: 'en_US',
    })
    return textOf(await client.next())
  }

  const refusedPlain =
    'connection.close ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. ' +
    'For details see the broker logfile.'
  const far: Partial<Peer> = { remote: { host: '10.0.0.1', port: 1 } }
  const certified: Partial<Peer> = {
    isTls: true,
    certificate: { commonName: 'guest', subject: 'CN=guest,O=here' },
  }

  test.each<[string, Partial<Peer>, string, Buffer | string, string]>([
    ['PLAIN', {}, 'PLAIN', '\0guest\0guest', 'connection.tune'],
    ['PLAIN, wrong', {}, 'PLAIN', '\0guest\0gast', refusedPlain],
    ['PLAIN, nobody', {}, 'PLAIN', '\0nobody\0guest', refusedPlain],
    [
      'PLAIN, nonsense',
      {},
      'PLAIN',
      'guest',
      'connection.close SYNTAX_ERROR - response to PLAIN authentication invalid',
    ],
    ['guest from elsewhere', far, 'PLAIN', '\0guest\0guest', refusedPlain],
    ['AMQPLAIN', {}, 'AMQPLAIN', amqplain('guest', 'guest'), 'connection.tune'],
    [
      'AMQPLAIN without a password',
      {},
      'AMQPLAIN',
      amqplain('guest', 'guest').subarray(0, 16),
      'connection.close SYNTAX_ERROR - AMQPLAIN auth info is missing LOGIN or PASSWORD field',
    ],
    [
      'EXTERNAL without TLS',
      {},
      'EXTERNAL',
      '',
      "connection.close COMMAND_INVALID - invalid authentication mechanism 'EXTERNAL'",
    ],
    ['EXTERNAL by common name', certified, 'EXTERNAL', '', 'connection.tune'],
    [
      'EXTERNAL without a certificate',
      { isTls: true },
      'EXTERNAL',
      '',
      refusedPlain.replace('PLAIN', 'EXTERNAL'),
    ],
    ['ANONYMOUS', {}, 'ANONYMOUS', '', 'connection.tune'],
    [
      'ANONYMOUS from elsewhere',
      far,
      'ANONYMOUS',
      '',
      "connection.close COMMAND_INVALID - invalid authentication mechanism 'ANONYMOUS'",
    ],
    [
      'an unknown one',
      {},
      'MAGIC',
      '',
      "connection.close COMMAND_INVALID - unknown authentication mechanism 'MAGIC'",
    ],
  ])('%s', async (_name, peer, mechanism, response, expected) => {
    await using world = await AmqpLoopback.open()
    expect(await answer(world.client(peer), mechanism, response)).toBe(expected)
  })

  test('RABBIT-CR-DEMO asks for the password', async () => {
    await using world = await AmqpLoopback.open()
    const client = world.client()
    expect(await answer(client, 'RABBIT-CR-DEMO', 'guest')).toBe('connection.secure')
    const response = Buffer.from('My password is guest')
    await client.ask(schema.connectionSecureOk, { response }, 'connection.tune', 0)
  })

  test('who was refused is hung up on later, and told only if it can bear that', async () => {
    await using world = await AmqpLoopback.open()
    const client = world.client()
    await client.start()
    client.send(0, schema.connectionStartOk, {
      clientProperties: new Map(),
      mechanism: 'PLAIN',
      response: Buffer.from('\0guest\0wrong'),
      locale: 'en_US',
    })
    await vi.waitFor(() => {
      client.connection.tick(3000 as never)
      expect(client.isEnded).toBe(true)
    }, 20_000)
    expect(client.inbox).toEqual([])
  })
})

describe('handshake: tuning and opening', () => {
  test.each<[string, schema.ShapeOf<typeof schema.connectionTuneOk.fields>, string]>([
    [
      'a larger frame',
      { channelMax: 2047, frameMax: 131_073, heartbeat: 0 },
      'negotiated frame_max = 131073 is higher than the maximum allowed value (131072)',
    ],
    [
      'a tiny frame',
      { channelMax: 2047, frameMax: 4095, heartbeat: 0 },
      'negotiated frame_max = 4095 is lower than the minimum allowed value (4096)',
    ],
    [
      'any number of channels',
      { channelMax: 0, frameMax: 4096, heartbeat: 0 },
      'negotiated channel_max = 0 (no limit) is higher than the maximum allowed value (2047)',
    ],
  ])('%s is refused', async (_name, tuneOk, expected) => {
    await using world = await AmqpLoopback.open()
    const client = world.client()
    await client.start()
    client.send(0, schema.connectionStartOk, {
      clientProperties: new Map(),
      mechanism: 'ANONYMOUS',
      response: Buffer.alloc(0),
      locale: 'en_US',
    })
    await client.next('connection.tune')
    client.send(0, schema.connectionTuneOk, tuneOk)
    expect((await client.next('connection.close')).fields['replyText']).toBe(
      `NOT_ALLOWED - ${expected}`,
    )
  })

  test.each<[string, Partial<Login>, string]>([
    ['an unknown vhost', { vhost: 'nowhere' }, 'NOT_ALLOWED - vhost nowhere not found'],
    [
      'a forbidden vhost',
      { vhost: 'secret' },
      "NOT_ALLOWED - access to vhost 'secret' refused for user 'guest'",
    ],
  ])('%s is refused', async (_name, login, expected) => {
    await using world = await AmqpLoopback.open()
    world.broker.namespaces.add('secret')
    world.broker.access.clearPermission('guest', 'secret')
    await expect(world.client().logIn(login)).rejects.toThrow(expected)
  })

  test('what comes too early is refused', async () => {
    await using world = await AmqpLoopback.open()
    const client = world.client()
    await client.start()
    client.send(0, schema.connectionOpen, { virtualHost: '/' })
    expect((await client.next('connection.close')).fields['replyText']).toBe(
      'CHANNEL_ERROR - unexpected method in connection state starting',
    )
  })

  test('a stranger has ten seconds', async () => {
    await using world = await AmqpLoopback.open()
    const client = world.client()
    await client.start()
    client.connection.tick(10_000 as never)
    expect(client.isEnded).toBe(false)
    client.connection.tick(10_001 as never)
    expect(client.isEnded).toBe(true)
  })
})

describe('connection: while it is open', () => {
  test('heartbeats go out twice in their interval, and silence ends it', async () => {
    await using world = await AmqpLoopback.open()
    const client = await world.opened({ heartbeat: 10 })
    client.connection.tick(4000 as never)
    expect(texts(client)).toEqual([])
    client.connection.tick(5000 as never)
    client.connection.tick(6000 as never)
    client.connection.tick(10_000 as never)
    expect(texts(client)).toEqual(['heartbeat', 'heartbeat'])
    client.connection.tick(24_000 as never)
    expect(client.isEnded).toBe(false)
    client.connection.tick(24_001 as never)
    expect(client.isEnded).toBe(true)
  })

  test('anything the client sends counts as a heartbeat', async () => {
    await using world = await AmqpLoopback.open()
    const client = await world.opened({ heartbeat: 10 })
    for (let now = 1000; now <= 60_000; now += 1000) {
      if (now % 15_000 === 0) client.send(1, schema.channelFlow, { active: true })
      client.connection.tick(now as never)
    }
    expect(client.isEnded).toBe(false)
  })

  test('the client closes it', async () => {
    await using world = await AmqpLoopback.open()
    const client = await world.opened()
    expect(world.broker.sessions.count).toBe(1)
    await client.ask(
      schema.connectionClose,
      { replyCode: 200, replyText: 'bye', classId: 0, methodId: 0 },
      'connection.close_ok',
      0,
    )
    expect(client.isEnded).toBe(true)
    expect(world.broker.sessions.count).toBe(0)
  })

  test('an operator closes it', async () => {
    await using world = await AmqpLoopback.open()
    const client = await world.opened()
    world.broker.sessions.close('because I can')
    expect(texts(client)).toEqual(['connection.close CONNECTION_FORCED - because I can'])
    expect(client.isEnded).toBe(false)
    client.send(0, schema.connectionCloseOk, {})
    expect(client.isEnded).toBe(true)
  })

  test('lists show it as RabbitMQ would', async () => {
    await using world = await AmqpLoopback.open()
    await world.opened({
      heartbeat: 7,
      clientProperties: new Map([['connection_name', { type: 'longstr', value: 'mine' }]]),
    })
    const [session] = world.broker.sessions.all()
    expect(session!.describe()).toMatchObject({
      name: '127.0.0.1:50000 -> 127.0.0.1:5672',
      user_provided_name: 'mine',
      user: 'guest',
      vhost: '/',
      state: 'running',
      channels: 1,
      auth_mechanism: 'PLAIN',
      timeout: 7,
      frame_max: 131_072,
      channel_max: 2047,
      ssl: false,
    })
    expect([...session!.channels()]).toMatchObject([{ number: 1, state: 'running', user: 'guest' }])
  })

  test.each([
    ['told', capable('connection.blocked'), ['connection.blocked', 'connection.unblocked']],
    ['not told, when it cannot bear that', new Map(), []],
  ])('who publishes while it is not welcome waits, and is %s', async (_name, properties, told) => {
    await using world = await AmqpLoopback.open()
    const client = await world.opened({ clientProperties: properties })
    world.broker.sessions.block('low on memory')
    expect(client.isPaused).toBe(false)
    client.send(1, schema.channelFlow, { active: true })
    await client.next('channel.flow_ok')
    const publication = { exchange: '', routingKey: 'q', mandatory: false, immediate: false }
    client.send(1, schema.basicPublish, publication)
    receiveLent(
      client.connection,
      Buffer.from('02 0001 0000000e 003c 0000 0000000000000000 0000 ce'.replaceAll(' ', ''), 'hex'),
    )
    expect(client.isPaused).toBe(true)
    client.send(1, schema.channelFlow, { active: true })
    const [session] = world.broker.sessions.all()
    expect(session!.describe()['state']).toBe('blocked')
    world.broker.sessions.block(null)
    expect(client.isPaused).toBe(false)
    expect(client.inbox.map(({ name }) => name)).toEqual([...told, 'channel.flow_ok'])
    if (told.length > 0) expect(client.inbox[0]!.fields).toEqual({ reason: 'low on memory' })
  })

  test('secrets may be renewed', async () => {
    await using world = await AmqpLoopback.open()
    const client = await world.opened()
    const newSecret = Buffer.from('token')
    const secret = { newSecret, reason: 'it is old' }
    await client.ask(schema.connectionUpdateSecret, secret, 'connection.update_secret_ok', 0)
  })

  test.each([
    [
      'a heartbeat on a channel',
      '08 0001 00000000 ce',
      'UNEXPECTED_FRAME - type 8, all octets = <<>>',
    ],
    [
      'an unknown frame',
      '09 0000 00000000 ce',
      'FRAME_ERROR - type 9, all octets = <<>>: unknown_frame',
    ],
    ['a body on no channel', '03 0000 00000000 ce', 'UNEXPECTED_FRAME - type 3, all octets = <<>>'],
    [
      'a body after nothing',
      '03 0001 00000001 61 ce',
      'UNEXPECTED_FRAME - expected method frame, got non method frame instead',
    ],
    [
      'a method on a channel that is not open',
      '01 0002 00000005 0014 0014 01 ce',
      "CHANNEL_ERROR - expected 'channel.open'",
    ],
    [
      'a second open',
      '01 0001 00000005 0014 000a 00 ce',
      "CHANNEL_ERROR - second 'channel.open' seen",
    ],
    ['flow off', '01 0001 00000005 0014 0014 00 ce', 'NOT_IMPLEMENTED - active=false'],
    [
      'a method nobody knows',
      '01 0001 00000004 0014 00ff ce',
      'COMMAND_INVALID - unknown method 20.255',
    ],
    [
      'a frame without its end',
      '01 0001 00000005 0014 0014 01 00',
      'FRAME_ERROR - type 1, all octets = <<0,20,0,20,1>>: {invalid_frame_end_marker,0}',
    ],
  ])('%s ends it', async (_name, hex, text) => {
    await using world = await AmqpLoopback.open()
    const client = await world.opened()
    receiveLent(client.connection, Buffer.from(hex.replaceAll(' ', ''), 'hex'))
    expect(texts(client)).toEqual([`connection.close ${text}`])
  })

  test('as many channels as agreed on', async () => {
    await using world = await AmqpLoopback.open()
    const client = await world.opened()
    for (let channel = 2; channel <= 2047; channel++)
      await client.ask(schema.channelOpen, {}, 'channel.open_ok', channel)
    client.send(5000, schema.channelOpen, {})
    expect(texts(client)).toEqual([
      'connection.close NOT_ALLOWED - number of channels opened (2047) has reached the ' +
        'negotiated channel_max (2047)',
    ])
  })

  test('the broker stops', async () => {
    await using world = await AmqpLoopback.open()
    const client = await world.opened()
    client.connection.stopping()
    expect(texts(client)).toEqual([
      'connection.close CONNECTION_FORCED - broker forced connection closure with reason ' +
        "'shutdown'",
    ])
  })
})
